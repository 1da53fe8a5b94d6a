package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// documentedBlocks returns the code blocks and tables of a page that a comment names, as in <!-- test: push -->. All the names
// must be there, and no other.
func documentedBlocks(t *testing.T, page string, names ...string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testbed.Repository, page))
	require.NoError(t, err)
	named := regexp.MustCompile(`^( *)<!-- test: ([a-z]+) -->$`)
	blocks := map[string]string{}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if match := named.FindStringSubmatch(line); match != nil {
			blocks[match[2]] = blockAt(lines[i+1:], match[1])
		}
	}
	for _, name := range names {
		require.NotEmptyf(t, blocks[name], "%s has no block with the comment <!-- test: %s -->", page, name)
	}
	require.Len(t, blocks, len(names), "a block has a comment, but no test")
	return blocks
}

// blockAt returns the code block or table that begins at the first line, without its indent.
func blockAt(lines []string, indent string) string {
	isCode := strings.HasPrefix(lines[0], indent+"```")
	if isCode {
		lines = lines[1:]
	}
	var b strings.Builder
	for _, line := range lines {
		line = strings.TrimPrefix(line, indent)
		if isCode && line == "```" || !isCode && line == "" {
			break
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}
