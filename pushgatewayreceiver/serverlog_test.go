package pushgatewayreceiver

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func TestServerLog(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	log := newServerLog(zap.New(core))
	log.Printf("http: TLS handshake error from %s: EOF", "127.0.0.1:1")
	log.Print("http: panic serving 127.0.0.1:1: x")
	var got []string
	for _, entry := range logs.All() {
		got = append(got, entry.Level.String()+" "+entry.Message)
	}
	assert.Equal(t, []string{"debug http: TLS handshake error from 127.0.0.1:1: EOF", "error http: panic serving 127.0.0.1:1: x"}, got)
}
