package difftest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
)

// openMetricsGrammar makes lines one by one, so that most bodies have something that does not fit together.
var openMetricsGrammar = grammar{
	names:    []string{"h", "s", "a", "h_count", "a_total", "hh", "\"h\"", "\"h i\"", "s_x", "\"\"", "a:b", "_", "\"a\\n\"", "\"a\nb\""},
	suffixes: []string{"", "_total", "_bucket", "_count", "_sum", "_created", "_info", "_gsum", "\xff"},
	types:    []string{"counter", "histogram", "summary", "gauge", "unknown", "info", "stateset", "gaugehistogram", "untyped", ""},
	heads:    []string{"# TYPE", "# HELP", "# UNIT", "#", "# EOF", "#\tHELP"},
	texts:    []string{"x", "x y", "total", "x\\n\\\\", "", "\xff", "\\x", " ", "\\\"", "count"},
	labels: []string{
		`l="v"`, `le="1"`, `quantile="0.5"`, `le="+Inf"`, `l=""`, `m="w"`, `"l"="v"`, `le="NaN"`, `a="x"`, `quantile="x"`, `s="on"`,
		`l = "v"`, `le="1.0"`, `l="\n\"\\"`, `l="\x"`, `"m n"="}"`, `l`, `__name__="x"`, ``, `"le"="1"`, `l="ü"`, `"l\n"=","`, "l=\"\x00\"",
	},
	values: []string{"1", "2", "0", "1.5", "NaN", "+Inf", "-1", "1e3", "-0", "1e30", "x", "", "0x1", "12345678901234567890"},
	times:  []string{"", "", "", " 1000", " 2000.5", " -1", " 1e3", " ", " 1000 ", "\t1000", " 0", " 9223372037", " NaN"},
	tails:  []string{"", "", "", ` # {l="v"} 1`, ` # {} 1 1.5`, " # x", ` # {"l"="v",} 2`, ` #{} 1`, ` # {l="v"} 1 -1`, ` # {"l"} 1`},
	spaces: []string{" ", "\t", "  ", ""},
	noise:  []string{"\"", "\\", "{", "}", ",", "=", " ", "\n", "\r", "#", "\xff", "\x00", "é", "1", "_", "# EOF", "_created"},
	end:    "# EOF\n",
}

// A familyGenerator makes bodies of families as the specification has them.
type familyGenerator struct{ *rand.Rand }

// formSample is a sample's suffix, its label, and its value.
type formSample struct{ suffix, label, value string }

// pointForms are the samples of one point of each type, of which some may be left out.
var pointForms = map[string][]formSample{
	"unknown":  {{"", "", "1.5"}},
	"gauge":    {{"", "", "-1e3"}},
	"info":     {{"_info", `version="1"`, "1"}},
	"counter":  {{"_total", "", "5"}, {"_created", "", "1520430000.123"}},
	"summary":  {{"", `quantile="0.5"`, "NaN"}, {"", `quantile="0.9"`, "2"}, {"_count", "", "3"}, {"_sum", "", "4"}, {"_created", "", "7e8"}},
	"stateset": {{"", `@="on"`, "1"}, {"", `@="off"`, "0"}},
	"histogram": {
		{"_bucket", `le="0.1"`, "1"}, {"_bucket", `le="1.0"`, "2"}, {"_bucket", `le="+Inf"`, "3"},
		{"_count", "", "3"}, {"_sum", "", "1.5"}, {"_created", "", "15.5"},
	},
}

var familyTypeNames = []string{"counter", "gauge", "histogram", "summary", "unknown", "info", "stateset"}

func (g familyGenerator) oneOf(all ...string) string { return all[g.IntN(len(all))] }

func (g familyGenerator) body() string {
	var b strings.Builder
	for i := range 1 + g.IntN(5) {
		g.family(&b, g.oneOf("a", "b_x", "c:d", "_", "é.f", "g h", "a_total", "q\"\\\n")+fmt.Sprintf("%d", i*g.IntN(30)))
	}
	b.WriteString(g.oneOf("# EOF\n", "# EOF"))
	return b.String()
}

// quoted writes a name in quotes if it needs them, and now and then if it does not.
func (g familyGenerator) quoted(name string) string {
	if g.IntN(10) > 0 && model.LegacyValidation.IsValidMetricName(name) {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(name) + `"`
}

func (g familyGenerator) family(b *strings.Builder, name string) {
	typeName := g.oneOf(familyTypeNames...)
	heads := []string{
		"# TYPE " + g.quoted(name) + " " + typeName + "\n",
		"# HELP " + g.quoted(name) + " " + g.oneOf("", "A text.", `\\ \n \" \x`, "é\t\x00") + "\n",
		"# UNIT " + g.quoted(name) + " \n",
	}
	if _, unit, ok := strings.Cut(name, "_"); ok {
		heads[2] = "# UNIT " + g.quoted(name) + " " + unit + "\n"
	}
	g.Shuffle(len(heads), func(i, j int) { heads[i], heads[j] = heads[j], heads[i] })
	left := g.IntN(4)
	for i, head := range heads {
		if i < left || typeName != "unknown" && strings.HasPrefix(head, "# TYPE") {
			b.WriteString(head)
		}
	}
	for i := range g.IntN(4) {
		g.point(b, name, typeName, i)
	}
}

// point writes the samples of a point in any order.
func (g familyGenerator) point(b *strings.Builder, name, typeName string, number int) {
	labels := []string{fmt.Sprintf(`i="%d"`, number)}
	for _, l := range []string{`x=""`, `y="é\n\"\\"`, `"l.m"="} # {"`, `z="\x"`} {
		if g.IntN(4) == 0 {
			labels = append(labels, l)
		}
	}
	if number == 0 {
		labels = labels[1:]
	}
	time := ""
	if g.IntN(3) == 0 {
		time = " " + g.oneOf("1", "1520879607.789", "1.5e9", "1604676851.123456789", ".5", "+12.", "1604676851.12345678912345")
	}
	samples := append([]formSample{}, pointForms[typeName]...)
	g.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
	for _, s := range samples {
		if g.IntN(8) == 0 && s.suffix != "_total" {
			continue
		}
		own := labels
		if s.label != "" {
			own = append(append([]string{}, labels...), strings.Replace(s.label, "@", `"`+strings.Trim(g.quoted(name), `"`)+`"`, 1))
		}
		if g.IntN(3) == 0 {
			own = append([]string{}, own...)
			g.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
		}
		b.WriteString(g.series(name+s.suffix, own) + " " + s.value + time + g.exemplar(s.suffix) + "\n")
	}
}

func (g familyGenerator) series(name string, labels []string) string {
	all := strings.Join(labels, ",")
	if len(labels) > 0 {
		all += g.oneOf("", "", "", ",")
	}
	quoted := g.quoted(name)
	switch {
	case quoted[0] == '"' && all == "":
		return "{" + quoted + g.oneOf("", ",") + "}"
	case quoted[0] == '"':
		return "{" + quoted + "," + all + "}"
	case all == "":
		return name + g.oneOf("", "{}")
	default:
		return name + "{" + all + "}"
	}
}

func (g familyGenerator) exemplar(suffix string) string {
	if g.IntN(3) > 0 || suffix != "_total" && suffix != "_bucket" {
		return ""
	}
	return " # {" + g.oneOf("", `trace_id="x"`, `"a.b"="\n",c="d",`) + "} " + g.oneOf("1", "NaN", "-1.5e3") + g.oneOf("", " 1.5", " 1520879607.789")
}

// damage changes one byte, or leaves a part out.
func (g familyGenerator) damage(body string) string {
	i := g.IntN(len(body))
	switch noise := openMetricsGrammar.noise; g.IntN(4) {
	case 0:
		return body[:i] + noise[g.IntN(len(noise))] + body[i:]
	case 1:
		return body[:i] + noise[g.IntN(len(noise))] + body[i+1:]
	case 2:
		return body[:i] + body[min(len(body), i+1+g.IntN(3)):]
	default: // a line is moved
		lines := strings.SplitAfter(body, "\n")
		j, k := g.IntN(len(lines)), g.IntN(len(lines))
		lines[j], lines[k] = lines[k], lines[j]
		return strings.Join(lines, "")
	}
}

// TestGeneratedOpenMetrics compares bodies that are good, and the same with a flaw.
func TestGeneratedOpenMetrics(t *testing.T) {
	const bodies = 20_000
	g := familyGenerator{rand.New(rand.NewPCG(7, 8))}
	accepted := 0
	for range bodies {
		body := g.body()
		if recordOpenMetrics(body, model.UTF8Validation).err == nil {
			accepted++
		}
		names := namings[g.IntN(8)/7]
		for _, b := range []string{body, g.damage(body), g.damage(g.damage(body))} {
			if found := openMetricsDisagreement(b, names); found != "" {
				assert.Fail(t, found, b)
			}
		}
	}
	assert.Greater(t, accepted, bodies/2)
}

// TestGeneratedOpenMetricsLines compares bodies of lines that may have nothing to do with each other.
func TestGeneratedOpenMetricsLines(t *testing.T) {
	const bodies = 50_000
	g := generator{rand.New(rand.NewPCG(9, 10)), openMetricsGrammar}
	accepted := 0
	for range bodies {
		body := g.body()
		names := namings[g.IntN(8)/7]
		if _, err := parsePage(body); err == nil {
			accepted++
		}
		if found := openMetricsDisagreement(body, names); found != "" {
			assert.Fail(t, found, body)
		}
	}
	assert.Greater(t, accepted, bodies/50)
}
