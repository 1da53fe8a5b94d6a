package difftest

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A generator makes bodies of the text formats from few names and values, so that samples often have to do with each
// other. Most are good; some have a flaw.
type generator struct {
	*rand.Rand
	grammar
}

// A grammar is what a generator makes lines of. Empty strings stand for what is left out.
type grammar struct {
	names    []string // of families
	suffixes []string
	types    []string
	heads    []string // keywords, with the hash
	texts    []string // of HELP
	labels   []string
	values   []string
	times    []string
	tails    []string // exemplars
	spaces   []string
	noise    []string // what may be put anywhere, now and then
	end      string
}

// oneOf returns one of all, and most often one of the first.
func (g *generator) oneOf(all []string) string {
	if g.IntN(3) > 0 {
		return all[g.IntN(min(3, len(all)))]
	}
	return all[g.IntN(len(all))]
}

// body returns a body of some lines.
func (g *generator) body() string {
	var b strings.Builder
	name := g.oneOf(g.names)
	for range 1 + g.IntN(12) {
		if g.IntN(4) == 0 {
			name = g.oneOf(g.names)
		}
		line := g.line(name)
		if g.IntN(60) == 0 {
			i := g.IntN(len(line) + 1)
			line = line[:i] + g.noise[g.IntN(len(g.noise))] + line[i:]
		}
		b.WriteString(line)
		if g.IntN(300) > 0 {
			b.WriteByte('\n')
		}
	}
	b.WriteString(g.end)
	return b.String()
}

func (g *generator) line(name string) string {
	space := func() string { return g.spaces[max(0, g.IntN(len(g.spaces)*4)-len(g.spaces)*3)] }
	if g.IntN(4) == 0 {
		name = g.suffixed(name)
	}
	switch g.IntN(8) {
	case 0, 1:
		return g.heads[0] + space() + name + space() + g.oneOf(g.types)
	case 2:
		return g.oneOf(g.heads) + space() + name + space() + g.oneOf(g.texts)
	default:
		return g.series(g.suffixed(name)) + space() + g.oneOf(g.values) + g.oneOf(g.times) + g.oneOf(g.tails)
	}
}

// suffixed puts the suffix before the quote of a name that has one.
func (g *generator) suffixed(name string) string {
	suffix := g.oneOf(g.suffixes)
	if before, quoted := strings.CutSuffix(name, "\""); quoted {
		return before + suffix + "\""
	}
	return name + suffix
}

func (g *generator) series(name string) string {
	var labels []string
	for range g.IntN(4) {
		labels = append(labels, g.oneOf(g.labels))
	}
	switch g.IntN(6) {
	case 0:
		return "{" + strings.Join(append([]string{name}, labels...), ",") + "}"
	case 1:
		return name
	default:
		return name + "{" + strings.Join(labels, ",") + "}"
	}
}

var textGrammar = grammar{
	names:    []string{"h", "s", "a", "h_count", "hh", "\"h\"", "\"h i\"", "s_sum", "\"\"", "a:b", "_", "\"a\\n\""},
	suffixes: []string{"", "_count", "_bucket", "_sum", "_total", "_created", "\xff"},
	types:    []string{"histogram", "summary", "counter", "gauge", "untyped", "Histogram", "gaugehistogram", "\\gauge", "", "info"},
	heads:    []string{"# TYPE", "# HELP", "#", "#TYPE", "#\tHELP", "# EOF"},
	texts:    []string{"x", "x y", "x\\n\\\\", "", "\xff", "\\x", " ", "\\\""},
	labels: []string{
		`le="1"`, `quantile="0.5"`, `l="v"`, `le="+Inf"`, `l=""`, `m="w"`, `"l"="v"`, `le="NaN"`, `le="2"`, `quantile="x"`,
		` l = "v" `, `le="1.0"`, `l="\n\"\\"`, `l="\x"`, `"m n"="}"`, `l`, `__name__="x"`, ``, `"le"="1"`, `ll="1"`, `l="ü"`, `"l\n"=","`,
	},
	values: []string{"1", "2", "0", "1.5", "NaN", "+Inf", "-1", "1e3", "-0", "1e30", "x", "", "0x1", "12345678901234567890"},
	times:  []string{"", "", "", " 1000", " 2000", " -1", "\t1000", " ", " 1000 ", " 1e3", " 0"},
	tails:  []string{"", "", "", " # x", "#"},
	spaces: []string{" ", "\t", "  ", "", " \t "},
	noise:  []string{"\"", "\\", "{", "}", ",", "=", " ", "\n", "\r", "#", "\xff", "\x00", "é", "1", "_", "\t"},
}

func TestGeneratedText(t *testing.T) {
	const bodies = 50_000
	g := generator{rand.New(rand.NewPCG(3, 4)), textGrammar}
	accepted := 0
	for range bodies {
		body := g.body()
		names := namings[g.IntN(8)/7]
		if recordExpfmt(body, names).err == nil {
			accepted++
		}
		if found := textDisagreement(body, names); found != "" {
			assert.Fail(t, found, body)
		}
	}
	assert.Greater(t, accepted, bodies/10)
}
