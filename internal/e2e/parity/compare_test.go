package parity

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A way leads from the collector to a database.
type way string

const (
	overOTLP        way = "over OTLP"
	overRemoteWrite way = "over remote write"
)

// both are all ways.
var both = []way{overOTLP, overRemoteWrite}

// A rule explains a difference. "There" is the database that is filled by scraping the Pushgateway, "here" the one that
// the collector fills. A rule has one or more of the functions.
type rule struct {
	id   string
	ways []way
	why  string

	// concerns says whether the rule is about a series that is there. If becomes is nil, the series is not here.
	concerns func(there series) bool
	becomes  func(there series) series
	// equates returns the series that is there with what the rule explains taken from the one of the same name here.
	equates func(there, here series) series
	// onlyHere says whether the rule explains a series that is not there.
	onlyHere func(here series) bool
}

// A comparison of two databases knows which rules it needed.
type comparison struct {
	way         way
	rules       []rule
	hits        map[string]int
	same        int // series that are the same
	differences []string
}

func compare(w way, rules []rule, there, here database) *comparison {
	c := &comparison{way: w, hits: map[string]int{}}
	for _, r := range rules {
		if slices.Contains(r.ways, w) {
			c.rules = append(c.rules, r)
		}
	}
	expected := c.expect(there)
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		if found, ok := here[name]; ok {
			c.comparePair(expected[name], found)
		} else {
			c.differences = append(c.differences, "only there: "+expected[name].String())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(here)) {
		if _, ok := expected[name]; !ok && !c.explainsOnlyHere(here[name]) {
			c.differences = append(c.differences, "only here:  "+here[name].String())
		}
	}
	return c
}

// expect returns what must be here of what is there.
func (c *comparison) expect(there database) database {
	expected := database{}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		s, ok := c.become(there[name])
		if !ok {
			continue
		}
		if other, twice := expected[s.name()]; twice {
			c.differences = append(c.differences, fmt.Sprintf("two there are one here: %v and %v", other, s))
		}
		expected[s.name()] = s
	}
	return expected
}

// become applies the rules, one after the other, to a series that is there.
func (c *comparison) become(s series) (series, bool) {
	for _, r := range c.rules {
		if r.concerns == nil || !r.concerns(s) {
			continue
		}
		c.hits[r.id]++
		if r.becomes == nil {
			return series{}, false
		}
		s = r.becomes(s)
	}
	return s, true
}

func (c *comparison) comparePair(there, here series) {
	equated := there
	for _, r := range c.rules {
		if r.equates == nil {
			continue
		}
		before := equated.String()
		if equated = r.equates(equated, here); equated.String() != before {
			c.hits[r.id]++
		}
	}
	if equated.String() == here.String() {
		c.same++
		return
	}
	c.differences = append(c.differences, fmt.Sprintf("there: %v\n    here:  %v", there, here))
}

func (c *comparison) explainsOnlyHere(s series) bool {
	for _, r := range c.rules {
		if r.onlyHere != nil && r.onlyHere(s) {
			c.hits[r.id]++
			return true
		}
	}
	return false
}

// report fails the test with all differences that no rule explains, and all rules that explain none.
func (c *comparison) report(t *testing.T) {
	t.Helper()
	if n := len(c.differences); n > 0 {
		t.Errorf("%d differences %s that no rule explains:\n    %s", n, c.way, strings.Join(c.differences, "\n    "))
	}
	for _, r := range c.rules {
		if c.hits[r.id] == 0 {
			t.Errorf("no difference %s needs the rule %q", c.way, r.id)
		}
		t.Logf("%s: %d series: %s", r.id, c.hits[r.id], r.why)
	}
	t.Logf("%s: %d series are the same, apart from these", c.way, c.same)
}
