package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// describe returns a line with what the figures depend on: the machine, and the versions of the programs. It fails if
// a program that is needed is not there.
func describe(ctx context.Context, s settings) (string, error) {
	programs := []struct {
		path    string
		servers []string // that need it
	}{
		{s.collector, []string{ours, withPage, otlp}},
		{s.vmagent, []string{vmagent}},
		{s.pushgateway, []string{pushgateway}},
	}
	facts := []string{fmt.Sprintf("%s, %s/%s, %d cores", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())}
	for _, p := range programs {
		if !slices.ContainsFunc(p.servers, s.drives) {
			continue
		}
		if _, err := exec.LookPath(p.path); err != nil {
			return "", fmt.Errorf("%w (-help says where it comes from, and how to leave servers out)", err)
		}
		facts = append(facts, fmt.Sprintf("%s %s", filepath.Base(p.path), version(ctx, p.path)))
	}
	return strings.Join(facts, "; "), nil
}

// version returns the version of a program and that of the Go that built it. That of Debian's programs is the
// package's, as vmagent does not know its own.
func version(ctx context.Context, path string) string {
	v := debianVersion(ctx, path)
	if v == "" {
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		if err != nil {
			return "of unknown version"
		}
		fields := strings.Fields(string(out)) // "otelcol-pushgateway version 0.1.0"
		v = fields[len(fields)-1]
	}
	if info, err := buildinfo.ReadFile(path); err == nil {
		v += " (" + info.GoVersion + ")"
	}
	return v
}

// debianVersion returns the version of the package that a file is of, or "" if there is none.
func debianVersion(ctx context.Context, path string) string {
	out, err := exec.CommandContext(ctx, "dpkg-query", "--search", path).Output() //nolint:gosec // the path is a flag
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(string(out), ":")                                                           // "victoria-metrics: /usr/bin/vmagent"
	out, err = exec.CommandContext(ctx, "dpkg-query", "--show", "--showformat=${Version}", name).Output() //nolint:gosec // it is from dpkg-query
	if err != nil {
		return ""
	}
	return string(out)
}
