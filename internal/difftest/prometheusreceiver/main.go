package main

import (
	"context"
	"errors"
	"log"
	"os"
	"time"

	"go.opentelemetry.io/collector/featuregate"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/difftest/render"
)

// timeout is far more than the few seconds that the receiver takes for all pages.
const timeout = time.Minute

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("name the folder of the pages")
	}
	if err := writeGoldens(os.Args[1]); err != nil {
		log.Fatal("cannot write the golden files: ", err)
	}
}

// writeGoldens writes the golden file of each page in the folder.
func writeGoldens(folder string) error {
	const createdTimestamps = "receiver.prometheusreceiver.EnableCreatedTimestampZeroIngestion"
	if err := featuregate.GlobalRegistry().Set(createdTimestamps, true); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	pages, err := findPages(root.FS())
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		return errors.New("there are no pages")
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	scrapes, err := scrapeAll(ctx, pages)
	if err != nil {
		return err
	}
	for _, p := range pages {
		if err := root.WriteFile(p.name+".want", []byte(want(scrapes[p.name])), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// want returns the content of a golden file.
func want(s scrape) string {
	if !s.up {
		return "rejected: " + s.reason + "\n"
	}
	removeScrape(s.metrics)
	render.Normalize(s.metrics, render.Origin{Job: s.job, Instance: s.instance, Scope: scopeName, Received: s.time})
	return render.Lines(s.metrics)
}
