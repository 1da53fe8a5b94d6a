package clients

// Names of properties; see properties.
const (
	asPush          = "push"
	asAdd           = "add"
	asDelete        = "delete"
	withSlash       = "slash"
	withBlank       = "blank"
	withEmpty       = "empty"
	withEmptyInside = "empty inside"
	withUTF8        = "UTF-8"
	asText          = "text"
	asProtobuf      = "protobuf"
	asGzip          = "gzip"
	underPath       = "path"
	withPassword    = "password"
	overTLS         = "TLS"
	encodedByHand   = "encoded by hand"
	onDemand        = "password on demand"
	withCRLF        = "CR LF"
	withCRLFLenient = "CR LF, lenient"
	onRefusal       = "refused"
	onWrongPassword = "wrong password"
	onDelete405     = "delete by default"
)

// without lists what a library lacks. Libraries write the body themselves, with line feeds, and send a password unasked.
func without(properties ...string) []string {
	return append(properties, withCRLF, withCRLFLenient, onDemand)
}

// cppName is the client that has a property of its own.
const cppName = "prometheus-cpp (C++)"

// clients are in the order of the page. The interpreters with a path are Debian's: they find Debian's packages.
var clients = []client{
	{
		name: "client_golang `push` (Go)", source: "golang/main.go", command: []string{built("golang")},
		version: goModule("github.com/prometheus/client_golang"), lacks: without(),
		note: "`Delete` takes no answer but 202 for success, so it needs `on_delete: accept` or `groups`. " +
			"gzip is not built in: give `Client` an HTTP client that compresses.",
	},
	{
		name: "prometheus_client (Python)", source: "python/push.py", command: []string{"/usr/bin/python3", "python/push.py"},
		version: debianPackage("python3-prometheus-client"), lacks: without(asProtobuf, asGzip),
		note: "The exception is a `urllib.error.HTTPError` whose text is the status alone; the reason is in its `read()`. " +
			"The environment variable `SSL_CERT_FILE` names the CA. The password is given by a handler, as its documentation shows.",
	},
	{
		name: "prom-client (Node)", source: "node/push.js", command: []string{"node", built("node/push.js")},
		version: []string{"node", "-p", "require('" + built("node/node_modules/prom-client/package.json") + "').version"},
		lacks:   without(asProtobuf),
		note: "For gzip, pass `{ headers: { 'Content-Encoding': 'gzip' } }` to `Pushgateway`; it compresses then. `auth` and `ca` " +
			"stand beside `headers`.",
	},
	{
		name: cppName, source: "cpp/push.cpp", command: []string{built("cpp")},
		version: debianPackage("prometheus-cpp-dev"), lacks: without(asProtobuf, asGzip),
		note: "`Push` is a POST and `PushAdd` a PUT, which matters with `groups` only. It encodes nothing in the URL: write what is not " +
			"a letter, digit, dot or dash in %-encoding, as in `a%20b%2Fc`. To delete a group with labels use `DeleteForInstance`. All calls return the status: " +
			"look at it.",
	},
	{
		name: "prometheus-client-mmap (Ruby)", source: "ruby/push.rb", command: []string{"/usr/bin/ruby", "ruby/push.rb"},
		version: debianPackage("ruby-prometheus-client-mmap"), label: "instance",
		lacks: without(asProtobuf, asGzip, withEmpty, withEmptyInside), refused: []string{"PUSH_LABEL=not-a-name"},
		note: "Job and instance are its only grouping labels. It raises nothing if a push is refused: look at the `code` and `body` of the response " +
			"that `add`, `replace` and `delete` return. It cannot push histograms, to the Pushgateway neither: it fails when it writes them. The user and " +
			"the password stand in the URL; `SSL_CERT_FILE` names the CA.",
	},
	{
		name: "prometheus (Rust)", source: "rust/src/main.rs", command: []string{built("rust/push")},
		version: debianPackage("librust-prometheus-dev"), lacks: without(asDelete, onDelete405, asText, asGzip),
		note: "It has no function to delete. `SSL_CERT_FILE` names the CA.",
	},
	{
		name: "VictoriaMetrics/metrics (Go)", source: "victoriametrics/main.go", command: []string{built("victoriametrics")},
		version: goModule("github.com/VictoriaMetrics/metrics"), lacks: without(asDelete, onDelete405, asProtobuf),
		note: "Set `Method` to `PUT` or `POST`: the default is GET, which neither the Pushgateway nor the receiver takes for a push. It writes no types " +
			"unless `metrics.ExposeMetadata(true)` is called, so counters arrive untyped. It compresses unless told not to.",
	},
	{
		name: "Net::Prometheus with HTTP::Tiny (Perl)", source: "perl/push.pl", command: []string{"/usr/bin/perl", "perl/push.pl"},
		version: debianPackage("libnet-prometheus-perl"), lacks: without(asProtobuf, asGzip),
		note: "The library has no push of its own; `render` gives the body.",
	},
	{
		name: "curl", source: "shell/curl.sh", command: []string{"bash", "shell/curl.sh"}, version: []string{"curl", "--version"},
		lacks: []string{asProtobuf},
		note: "Use `--data-binary`, as `--data` drops line ends, and `--fail-with-body`, or curl says nothing about a refusal. " +
			"The script writes values in base64, as `<label>@base64/<value>`.",
	},
	{
		name: "wget", source: "shell/wget.sh", command: []string{"bash", "shell/wget.sh"}, version: []string{"wget", "--version"},
		lacks: []string{asProtobuf},
		note: "`--content-on-error` shows the reason of a refusal. With `--auth-no-challenge` the password is sent at once; without it " +
			"each push is sent twice, the second time with the password.",
	},
	{
		name: "PowerShell 7, imitated", source: "powershell_test.go", pushBy: powerShell7,
		lacks: []string{asProtobuf, asGzip}, untested: []string{overTLS, onRefusal, onWrongPassword, onDelete405},
		note: powerShellNote,
	},
	{
		name: "Windows PowerShell 5.1, imitated", source: "powershell_test.go", pushBy: windowsPowerShell,
		lacks: []string{asProtobuf, asGzip}, untested: []string{overTLS, onRefusal, onWrongPassword, onDelete405},
		note: "As PowerShell 7.",
	},
}
