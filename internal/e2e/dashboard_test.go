package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A dashboard is what the tests need of Grafana's JSON model.
type dashboard struct {
	ID            *int
	UID           string
	Title         string
	SchemaVersion int
	Templating    struct{ List []dashboardVariable }
	Panels        []dashboardPanel
}

type dashboardVariable struct {
	Name, Type, Definition string
	Datasource             dashboardSource
}

type dashboardSource struct{ Type, UID string }

type dashboardPanel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  gridPosition
	Datasource               dashboardSource
	Targets                  []dashboardTarget
	FieldConfig              struct{ Defaults struct{ Unit string } }
}

type dashboardTarget struct {
	RefID, Expr, LegendFormat string
	Datasource                dashboardSource
	Instant, Range            bool
}

type gridPosition struct{ H, W, X, Y int }

func (g gridPosition) overlaps(other gridPosition) bool {
	return g.X < other.X+other.W && other.X < g.X+g.W && g.Y < other.Y+other.H && other.Y < g.Y+g.H
}

// dashboards returns all that there are, by their files' names.
func dashboards(t *testing.T) map[string]dashboard {
	t.Helper()
	files, err := filepath.Glob(testbed.Repository + "/deploy/grafana/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]dashboard{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var d dashboard
		require.NoErrorf(t, json.Unmarshal(text, &d), "%s", file)
		all[filepath.Base(file)] = d
	}
	return all
}

// Without a Grafana, this is what can be said about whether it takes the model.
func TestDashboardModel(t *testing.T) {
	for file, d := range dashboards(t) {
		t.Run(file, func(t *testing.T) {
			assert.Nil(t, d.ID, "an id belongs to one Grafana")
			assert.NotEmpty(t, d.UID)
			assert.NotEmpty(t, d.Title)
			assert.GreaterOrEqual(t, d.SchemaVersion, 39)
			for i, p := range d.Panels {
				for _, other := range d.Panels[:i] {
					assert.NotEqualf(t, p.ID, other.ID, "%s and %s", p.Title, other.Title)
					assert.Falsef(t, p.GridPos.overlaps(other.GridPos), "%s and %s overlap", p.Title, other.Title)
				}
				testPanel(t, p)
			}
			testVariables(t, file, d)
		})
	}
}

var anyPrometheus = dashboardSource{Type: "prometheus", UID: "${datasource}"}

func testPanel(t *testing.T, p dashboardPanel) {
	const columns = 24 // of Grafana's grid
	assert.NotEmpty(t, p.Title)
	assert.Positive(t, p.ID, p.Title)
	assert.Positive(t, p.GridPos.H, p.Title)
	assert.Positive(t, p.GridPos.W, p.Title)
	assert.GreaterOrEqual(t, p.GridPos.X, 0, p.Title)
	assert.LessOrEqual(t, p.GridPos.X+p.GridPos.W, columns, p.Title)
	if p.Type == "row" {
		assert.Empty(t, p.Targets, p.Title)
		return
	}
	assert.Contains(t, []string{"stat", "table", "timeseries"}, p.Type)
	assert.NotEmpty(t, p.Description, p.Title)
	assert.NotEmpty(t, p.FieldConfig.Defaults.Unit, p.Title)
	assert.Equal(t, anyPrometheus, p.Datasource, p.Title)
	assert.NotEmpty(t, p.Targets, p.Title)
	var refIDs []string
	for _, target := range p.Targets {
		assert.NotEmpty(t, target.RefID, p.Title)
		assert.NotContains(t, refIDs, target.RefID, p.Title)
		assert.NotEmpty(t, target.Expr, p.Title)
		assert.Equal(t, anyPrometheus, target.Datasource, p.Title)
		assert.NotEqual(t, target.Instant, target.Range, p.Title)
		assert.Equal(t, p.Type == "timeseries", target.Range, p.Title)
		refIDs = append(refIDs, target.RefID)
	}
}

var variableReference = regexp.MustCompile(`\$\{?(\w+)|\[\[(\w+)`)

// testVariables looks into the whole file, for a variable may stand anywhere.
func testVariables(t *testing.T, file string, d dashboard) {
	text, err := os.ReadFile(filepath.Join(testbed.Repository, "deploy/grafana", file))
	require.NoError(t, err)
	var used []string
	for _, found := range variableReference.FindAllStringSubmatch(string(text), -1) {
		used = append(used, found[1]+found[2])
	}
	known := []string{"__all", "__interval", "__range", "__rate_interval"} // Grafana has these
	for _, v := range d.Templating.List {
		known = append(known, v.Name)
		assert.Contains(t, used, v.Name, "a variable that nothing uses")
		if v.Type == "query" {
			assert.NotEmpty(t, v.Definition, v.Name)
			assert.Equal(t, anyPrometheus, v.Datasource, v.Name)
		}
	}
	assert.Subset(t, known, used)
}

// A dashboardQuery is an expression that Grafana would send to Prometheus.
type dashboardQuery struct{ place, promQL string }

// queries returns those of all panels and variables, with what Grafana would put in the places of variables.
func (d dashboard) queries() []dashboardQuery {
	filled := strings.NewReplacer("$__rate_interval", "1m", "$__range", "10m", "$__interval", "1m", "$receiver", ".*", "$job", ".*")
	var all []dashboardQuery
	for _, v := range d.Templating.List {
		if v.Type == "query" {
			all = append(all, dashboardQuery{place: "variable " + v.Name, promQL: variableQuery(v.Definition)})
		}
	}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			all = append(all, dashboardQuery{place: p.Title + " " + target.RefID, promQL: filled.Replace(target.Expr)})
		}
	}
	return all
}

var variableFunction = regexp.MustCompile(`^(label_values|query_result)\((.*?)(?:, (\w+))?\)$`)

// variableQuery returns PromQL that finds something if the query of a variable does: that has functions of its own.
func variableQuery(definition string) string {
	parts := variableFunction.FindStringSubmatch(definition)
	if parts == nil {
		return definition
	}
	if parts[1] == "label_values" {
		return "group by (" + parts[3] + ") (" + parts[2] + "{" + parts[3] + `!=""})`
	}
	return parts[2]
}

func TestDashboardQueries(t *testing.T) {
	d := dashboard{Panels: []dashboardPanel{{Title: "Pushes", Targets: []dashboardTarget{{RefID: "A", Expr: `rate(x{job=~"$job"}[$__rate_interval])`}}}}}
	d.Templating.List = []dashboardVariable{
		{Name: "receiver", Type: "query", Definition: "label_values(x, receiver)"},
		{Name: "job", Type: "query", Definition: "query_result(group by (job) (max_over_time(x[14d])))"},
		{Name: "datasource", Type: "datasource"},
	}
	assert.Equal(t, []dashboardQuery{
		{place: "variable receiver", promQL: `group by (receiver) (x{receiver!=""})`},
		{place: "variable job", promQL: "group by (job) (max_over_time(x[14d]))"},
		{place: "Pushes A", promQL: `rate(x{job=~".*"}[1m])`},
	}, d.queries())
}
