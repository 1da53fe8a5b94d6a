// Command lambda is a function in the manner of AWS Lambda that pushes at the end of each invocation. Nobody can scrape
// it: it is frozen as soon as it has answered.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
)

// An event asks for thumbnails of images.
type event struct {
	Images []struct {
		Key   string
		Bytes int
	}
}

var (
	invocations = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "thumbnails_invocations_total", Help: "Invocations of the function.",
	}, []string{"result"})
	imageBytes = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "thumbnails_image_bytes_total", Help: "Bytes of the images that were read.",
	})
	duration = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "thumbnails_duration_seconds", Help: "How long the last invocation took.",
	})
)

// newPusher is called once per process, which serves many invocations. The log stream is the process' name, so that two
// that run at once do not push the same series.
func newPusher() *push.Pusher {
	url := cmp.Or(os.Getenv("PUSHGATEWAY_URL"), "http://localhost:9091")
	return push.New(url, os.Getenv("AWS_LAMBDA_FUNCTION_NAME")).
		Grouping("instance", os.Getenv("AWS_LAMBDA_LOG_STREAM_NAME")).
		Collector(invocations).Collector(imageBytes).Collector(duration)
}

// handler returns the function that lambda.Start would get.
func handler(pusher *push.Pusher) func(context.Context, event) error {
	return func(ctx context.Context, e event) error {
		started := time.Now()
		err := makeThumbnails(e)
		result := "ok"
		if err != nil {
			result = "failed"
		}
		invocations.WithLabelValues(result).Inc()
		duration.Set(time.Since(started).Seconds())

		// The function is paid for as long as it waits, so it does not wait for long.
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if pushErr := pusher.PushContext(ctx); pushErr != nil {
			log.Print("cannot push: ", pushErr)
		}
		return err
	}
}

func makeThumbnails(e event) error {
	for _, image := range e.Images {
		if image.Bytes == 0 {
			return fmt.Errorf("image %s is empty", image.Key)
		}
		imageBytes.Add(float64(image.Bytes))
	}
	return nil
}

// main stands for lambda.Start: each event of the standard input is an invocation.
func main() {
	handle := handler(newPusher())
	for events := json.NewDecoder(os.Stdin); events.More(); {
		var e event
		if err := events.Decode(&e); err != nil {
			log.Fatal("cannot read the event: ", err)
		}
		if err := handle(context.Background(), e); err != nil {
			log.Print(err)
		}
	}
}
