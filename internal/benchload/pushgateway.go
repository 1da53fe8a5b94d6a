package main

import (
	"context"
	"fmt"
	"time"
)

// fullGroups is how many groups are in the Pushgateway, if they can be pushed in time.
const fullGroups = 100

func startPushgateway(ctx context.Context, s settings, dir string, w *workload) (*server, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p, err := launch(ctx, dir, address, "/-/ready", s.pushgateway,
		"--web.listen-address="+address, "--persistence.file=")
	if err != nil {
		return nil, err
	}
	if p.groups, err = fill(ctx, address, w, s.preload); err != nil {
		p.stop()
		return nil, p.explain(err)
	}
	p.request = w.push.request(address, groupPath(0))
	return p, nil
}

func groupPath(i int) string { return fmt.Sprintf("/metrics/job/bench/group/%d", i) }

// fill pushes the workload into many groups, one after the other, and returns into how many. Each costs more than the
// one before it, as the Pushgateway compares a push with all that it has.
func fill(ctx context.Context, address string, w *workload, within time.Duration) (groups int, err error) {
	c, err := dial(ctx, address)
	if err != nil {
		return 0, err
	}
	defer c.close()
	for begin := time.Now(); groups < fullGroups; groups++ {
		if groups > 0 && time.Since(begin) > within {
			break
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		c.repeat(w.push.request(address, groupPath(groups)))
		if err := c.push(); err != nil {
			return 0, fmt.Errorf("cannot push group %d: %w", groups, err)
		}
	}
	return groups, nil
}
