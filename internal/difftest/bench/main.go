// Command bench compares decoding into pdata with other ways to the same pdata, all in one run:
//
//   - floor: building it from values that are ready
//   - OTLP: unmarshalling it from OTLP's protobuf
//   - expfmt: through the tree of expfmt, or of client_model for protobuf, and the same translation
//
// It prints tables in Markdown. Every round takes all ways in turn; ratios are the medians of those of the rounds,
// because machines are noisy.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 9, "how often each way is measured")
	window := flag.Duration("window", 300*time.Millisecond, "how long each measurement takes at least")
	only := flag.String("only", "", "measure the data sets alone that have this in their name")
	flag.Parse()
	printFacts(os.Stdout, *rounds)
	comparison, err := measureSets(dataSets(), *rounds, *window, *only)
	if err == nil {
		printComparison(os.Stdout, comparison)
		var growth []row
		if growth, err = measureSets(growingSets(), *rounds, *window, *only); err == nil {
			printGrowth(os.Stdout, growth)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measureSets(sets []set, rounds int, window time.Duration, only string) ([]row, error) {
	var rows []row
	for _, s := range sets {
		if !strings.Contains(s.name, only) {
			continue
		}
		body := s.body()
		all, err := routes(body, s.format)
		if err != nil {
			return nil, err
		}
		rows = append(rows, measureSet(s, body, all, rounds, window))
	}
	return rows, nil
}
