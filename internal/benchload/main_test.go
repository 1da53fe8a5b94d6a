package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
)

func TestParseFlags(t *testing.T) {
	s, err := parseFlags(nil)
	require.NoError(t, err)
	assert.Equal(t, dataset.Names(), s.bodies)
	assert.Equal(t, []string{plain, gzipped}, s.encodings)
	assert.Equal(t, serverNames(), s.servers)

	s, err = parseFlags([]string{"-bodies", "10000,2-samples", "-servers", "ours", "-encodings=gzip"})
	require.NoError(t, err)
	assert.Equal(t, []string{"10000", "2-samples"}, s.bodies)
	assert.Equal(t, []string{ours}, s.servers)
	assert.Equal(t, []string{gzipped}, s.encodings)

	for _, args := range [][]string{{"-bodies", "none"}, {"-servers", "ours,none"}, {"-rounds", "0"}, {"argument"}} {
		_, err = parseFlags(args)
		require.Error(t, err, args)
	}
}
