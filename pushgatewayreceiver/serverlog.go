package pushgatewayreceiver

import (
	"log"
	"strings"

	"go.uber.org/zap"
)

// serverLog takes what the HTTP server itself has to say: errors, but for handshakes that fail. These are the client's affair, and
// anybody who opens a connection and closes it again makes one.
type serverLog struct{ logger *zap.Logger }

func newServerLog(logger *zap.Logger) *log.Logger { return log.New(serverLog{logger}, "", 0) }

func (l serverLog) Write(line []byte) (int, error) {
	text := strings.TrimSuffix(string(line), "\n")
	level := zap.ErrorLevel
	if strings.HasPrefix(text, "http: TLS handshake error") {
		level = zap.DebugLevel
	}
	l.logger.Log(level, text)
	return len(line), nil
}
