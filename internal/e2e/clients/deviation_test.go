package clients

import "maps"

type deviationKey struct{ client, property string }

// A deviation is an outcome that is not just what was asked for.
type deviation struct {
	// here and there are the outcomes: grouping labels, or words that the client says when it fails, with " … " between
	// them. there is the Pushgateway; empty: the same as here.
	here, there string
	cell        string // what the page says
	note        string // a footnote
}

const (
	nothing = "nothing" // has arrived, though the client says ok
	// anything may happen, as it depends on the order of the labels, which the client draws.
	anything = "anything"
)

// Footnotes that several clients have.
const (
	plusNote = "The client sends a blank as `+`, and a `+` it stays, as with the Pushgateway."

	slashLost   = "The client sends `%2F`, which the Pushgateway takes for a separator: it redirects, the client takes that for success, and nothing arrives."
	slashFailed = "The client sends `%2F`, which the Pushgateway takes for a separator: it redirects, and the push fails."
	emptyLost   = "The client sends `//`: the Pushgateway redirects, the client takes that for success, and nothing arrives."
	emptyFailed = "The client sends `//`: the Pushgateway redirects, and the push fails."

	crlfNote    = "A 400 that names CR LF and the line. The Pushgateway refuses it too, with `unknown metric type \"counter\\r\"`."
	lenientNote = "The Pushgateway has no such setting."
)

const (
	better     = "works, better than with the Pushgateway"
	statusOnly = "the status alone"
)

// listOf has the deviations of a client by property.
func listOf(client string, byProperty map[string]deviation) map[deviationKey]deviation {
	list := map[deviationKey]deviation{}
	for property, d := range byProperty {
		list[deviationKey{client, property}] = d
	}
	return list
}

var deviations = merged(
	listOf("client_golang `push` (Go)", map[string]deviation{
		withBlank: {here: `{path="a+b"}`, cell: "becomes `a+b`, as with the Pushgateway", note: plusNote},
	}),
	listOf("prometheus_client (Python)", map[string]deviation{
		withBlank: {here: `{path="a+b"}`, cell: "becomes `a+b`, as with the Pushgateway", note: plusNote},
		onRefusal: {here: "error: HTTP Error 400", cell: statusOnly},
	}),
	listOf("prom-client (Node)", map[string]deviation{
		withSlash:       {here: `{path="/var/tmp"}`, there: nothing, cell: better, note: slashLost},
		withEmptyInside: {here: `{run="7"}`, there: nothing, cell: better, note: emptyLost},
	}),
	listOf(cppName, map[string]deviation{
		withSlash: {here: `{var="tmp"}`, there: nothing, cell: "becomes `path=\"\"`, `var=\"tmp\"`",
			note: "The client does not encode. The Pushgateway redirects `//`, the client takes that for success, and nothing arrives. " +
				"Give it `%2Fvar%2Ftmp` instead, which works here alone."},
		withBlank: {here: "error: -3", cell: "refused by the client",
			note: "The client does not encode, and returns -3, curl's code for a malformed URL. Give it `a%20b` instead."},
		withEmptyInside: {here: `{run="7"}`, there: nothing, cell: better, note: emptyLost},
		encodedByHand:   {here: `{path="a b/c"}`, there: "400"},
		overTLS: {here: "error: -60", cell: "no: the system's CAs only",
			note: "The client cannot be given a CA. It returns -60, curl's code for a certificate that the system does not trust."},
		onRefusal: {here: "400 … label name", cell: statusOnly,
			note: "The library writes the reason to standard output; what it returns is the status."},
	}),
	listOf("prometheus-client-mmap (Ruby)", map[string]deviation{
		withSlash: {here: `{instance="/var/tmp"}`, there: "error: 301", cell: better, note: slashFailed},
		onRefusal: {here: "400 … in line", there: "400 … in line", cell: "in the response alone",
			note: "Nothing is raised; the response is returned."},
		onWrongPassword: {here: "401", cell: "in the response alone"},
		onDelete405:     {here: "405", cell: "in the response alone"},
	}),
	listOf("prometheus (Rust)", map[string]deviation{
		withSlash:       {here: "contains '/'", cell: "refused by the client"},
		withEmptyInside: {here: `{run="7"}`, there: anything, cell: better, note: emptyFailed},
		onRefusal:       {here: "status code 400", cell: statusOnly},
	}),
	listOf("VictoriaMetrics/metrics (Go)", map[string]deviation{
		withSlash:       {here: `{path="/var/tmp"}`, there: "405", cell: better, note: slashFailed},
		withEmptyInside: {here: `{run="7"}`, there: "405", cell: better, note: emptyFailed},
	}),
	listOf("Net::Prometheus with HTTP::Tiny (Perl)", map[string]deviation{
		withSlash:       {here: `{path="/var/tmp"}`, there: "301", cell: better, note: slashFailed},
		withEmptyInside: {here: `{run="7"}`, there: "301", cell: better, note: emptyFailed},
	}),
	withFileOf("curl"),
	withFileOf("wget"),
	listOf("wget", map[string]deviation{
		onWrongPassword: {here: "Authentication Failed", cell: "told, without the status"},
	}),
	powerShellDeviations("PowerShell 7, imitated"),
	powerShellDeviations("Windows PowerShell 5.1, imitated"),
	withFileOf("PowerShell 7, imitated"),
	withFileOf("Windows PowerShell 5.1, imitated"),
)

func powerShellDeviations(client string) map[deviationKey]deviation {
	return listOf(client, map[string]deviation{
		withSlash:       {here: `{path="/var/tmp"}`, there: "405", cell: better, note: slashFailed},
		withEmptyInside: {here: `{run="7"}`, there: "405", cell: better, note: emptyFailed},
	})
}

// withFileOf are the deviations of clients that push a file as it is.
func withFileOf(client string) map[deviationKey]deviation {
	return listOf(client, map[string]deviation{
		withCRLF: {here: "400 … in line 1 … CR LF … lenient: true", there: "400 … in line 1", cell: "refused",
			note: crlfNote},
		withCRLFLenient: {here: `{path="7"}`, there: "400", cell: better, note: lenientNote},
	})
}

func merged(lists ...map[deviationKey]deviation) map[deviationKey]deviation {
	all := map[deviationKey]deviation{}
	for _, list := range lists {
		maps.Copy(all, list)
	}
	return all
}
