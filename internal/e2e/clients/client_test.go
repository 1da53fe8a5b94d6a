package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A client is a row of the page.
type client struct {
	name   string // that of the library
	source string // the program that pushes, in this folder
	// command runs that program; pushBy is there instead if no program does.
	command []string
	pushBy  func(*testing.T, request) string
	// version is a command that prints it.
	version []string
	// label is the grouping label of the pushes; empty: path.
	label string
	// lacks are the properties that the library has no means for.
	lacks []string
	// untested are those about which a test without the library says nothing.
	untested []string
	// refused is set for the push that is to be refused, if the library has no grouping labels to get that.
	refused []string
	// note is what somebody who pushes with it has to know.
	note string
}

func (c client) isTested(p property) bool {
	return !slices.Contains(c.lacks, p.name) && !slices.Contains(c.untested, p.name) && (p.only == "" || p.only == c.name)
}

func (c client) groupingLabel() string {
	if c.label != "" {
		return c.label
	}
	return "path"
}

// A request is what a client is asked to do.
type request struct {
	operation string
	url       string
	job       string
	grouping  []string // names and values in turn
	env       []string
}

const (
	saidOK    = "ok"
	saidError = "error:"
)

// do returns what the client says: "ok", or "error:" and a text.
func (c client) do(t *testing.T, r request) string {
	t.Helper()
	if c.pushBy != nil {
		return c.pushBy(t, r)
	}
	args := append([]string{}, c.command[1:]...)
	args = append(args, r.operation, r.url, r.job)
	out := run(t, r.env, c.command[0], append(args, r.grouping...)...)
	match := saidPattern.FindStringSubmatch(out)
	require.NotNilf(t, match, "%s says neither ok nor error: %q", c.name, out)
	if match[2] == saidOK {
		return saidOK
	}
	return match[2] + " " + match[1]
}

// saidPattern has what the library wrote by itself, and what the program says.
var saidPattern = regexp.MustCompile(`(?ms)\A(.*)^(ok|error:.*)\z`)

// run returns what a program writes. A program that is missing or fails is a failure, never a reason not to test.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	const enough = 30 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	require.NoErrorf(t, err, "%s %q wrote: %s%s; `make test-clients` installs and builds all clients", name, args, out, complaints.String())
	return strings.TrimSpace(string(out))
}

var versionPattern = regexp.MustCompile(`[0-9]+(\.[0-9]+)+`)

func (c client) versionText(t *testing.T) string {
	t.Helper()
	if c.version == nil {
		return ""
	}
	version := versionPattern.FindString(run(t, nil, c.version[0], c.version[1:]...))
	require.NotEmptyf(t, version, "version of %s", c.name)
	return version
}

// built is the path of what `make test-clients` builds.
func built(name string) string { return filepath.Join(testbed.Repository, "bin", "clients", name) }

func goModule(path string) []string { return []string{"go", "list", "-m", "-f", "{{.Version}}", path} }

func debianPackage(name string) []string {
	return []string{"dpkg-query", "--show", "--showformat", "${Version}", name}
}
