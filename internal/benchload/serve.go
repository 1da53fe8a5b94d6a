package main

import (
	"context"
	"io"
	"net"
	"net/http"

	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/confighttp"
)

// ownServers are the servers that are parts of this program: it runs itself with the name of one and an address.
var ownServers = map[string]func(ctx context.Context, address string) error{
	"serve-baseline": serveBaseline,
	"serve-sink":     serveSink,
}

// serveBaseline is the least that a receiver with confighttp can do: it answers, and does not even read the body.
func serveBaseline(ctx context.Context, address string) error {
	config := confighttp.NewDefaultServerConfig()
	config.NetAddr.Endpoint = address
	empty := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	server, err := config.ToServer(ctx, nil, componenttest.NewNopTelemetrySettings(), empty)
	if err != nil {
		return err
	}
	listener, err := config.ToListener(ctx)
	if err != nil {
		return err
	}
	return server.Serve(listener)
}

// serveSink takes whatever remote write sends.
func serveSink(ctx context.Context, address string) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	take := func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		w.WriteHeader(http.StatusNoContent)
	}
	server := http.Server{Handler: http.HandlerFunc(take), ReadHeaderTimeout: patience}
	return server.Serve(listener)
}
