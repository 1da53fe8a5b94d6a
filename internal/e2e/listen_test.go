package e2e

import (
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// What has no authentication must not be reachable from other machines.
func TestExamplesListenOnLoopbackOnly(t *testing.T) {
	for _, example := range []string{"quickstart.yaml", "sidecar.yaml"} {
		t.Run(example, func(t *testing.T) {
			c := testbed.StartCollector(t, testbed.CollectorSettings{Config: testbed.Repository + "/examples/" + example, DefaultEndpoint: true, OwnMetrics: true})
			addresses := listensOn(t, c.Process)
			t.Log(addresses)
			require.NotEmpty(t, addresses)
			for _, ip := range addresses {
				assert.True(t, ip.IsLoopback(), ip)
			}
		})
	}
}

// listensOn returns the addresses of the TCP sockets on which the process listens.
func listensOn(t *testing.T, p *testbed.Process) []net.IP {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.PID))
	require.NoError(t, err)
	var sockets []string
	for _, file := range files {
		target, err := os.Readlink(file)
		if inode, found := strings.CutPrefix(target, "socket:["); found && err == nil {
			sockets = append(sockets, strings.TrimSuffix(inode, "]"))
		}
	}
	var addresses []net.IP
	for _, table := range []string{"tcp", "tcp6"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", p.PID, table))
		require.NoError(t, err)
		addresses = append(addresses, listeningAddresses(t, string(data), sockets)...)
	}
	return addresses
}

// listeningAddresses reads a table as proc_net_tcp(5) has it.
func listeningAddresses(t *testing.T, table string, sockets []string) []net.IP {
	t.Helper()
	const listening, localColumn, stateColumn, inodeColumn = "0A", 1, 3, 9
	var addresses []net.IP
	for line := range strings.Lines(table) {
		columns := strings.Fields(line)
		if len(columns) <= inodeColumn || columns[stateColumn] != listening || !slices.Contains(sockets, columns[inodeColumn]) {
			continue
		}
		address, _, _ := strings.Cut(columns[localColumn], ":")
		ip, err := hex.DecodeString(address)
		require.NoError(t, err)
		for word := range slices.Chunk(ip, 4) { // each in the order of the machine, which is assumed to be little-endian
			slices.Reverse(word)
		}
		addresses = append(addresses, ip)
	}
	return addresses
}
