package main

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// vmagentPath takes text and adds the label that the path of a push has. Debian's vmagent does not know the
// Pushgateway's paths yet.
const vmagentPath = "/api/v1/import/prometheus?extra_label=job=bench"

// vmagentQuiet is longer than -remoteWrite.flushInterval, which is one second: what vmagent answers for may be sent
// that much later.
const vmagentQuiet = 1200 * time.Millisecond

func startVMAgent(ctx context.Context, s settings, dir string, w *workload) (*server, error) {
	sinkDir := filepath.Join(dir, "sink")
	if err := os.Mkdir(sinkDir, 0o700); err != nil { //nolint:gosec // the path is this program's own
		return nil, err
	}
	sink, err := launchSelf(ctx, sinkDir, "serve-sink")
	if err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		sink.stop()
		return nil, err
	}
	agent, err := launch(ctx, dir, address, "/health", s.vmagent,
		"-httpListenAddr="+address,
		"-remoteWrite.url=http://"+sink.address+"/api/v1/write",
		"-remoteWrite.tmpDataPath="+filepath.Join(dir, "queue"))
	if err != nil {
		sink.stop()
		return nil, err
	}
	agent.helper = sink
	agent.quiet = vmagentQuiet
	agent.request = w.push.request(address, vmagentPath)
	return agent, nil
}
