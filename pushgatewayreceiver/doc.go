// Package pushgatewayreceiver is an OpenTelemetry Collector receiver that speaks the HTTP protocol of the Prometheus
// Pushgateway, so that batch jobs push with the client that they already have.
//
// A push is a PUT or POST of metrics to /metrics/job/<job>{/<label>/<value>}. The path is the grouping key, the body an
// exposition format. The receiver turns each push into pmetric.Metrics, hands them to the pipeline, and answers when the
// pipeline has them. Unless it is configured with groups, it keeps nothing of it. It may remember what became of the last
// pushes, to show it.
//
// The path of a push through the code:
//
//	handler.go      request                -> what comes before and after confighttp
//	route.go        method and path        -> operation
//	groupingkey     rest of the path       -> Key
//	push.go         the list of steps
//	rate.go         job                    -> not too often
//	budget.go       memory that is needed  -> not too much at once: asked for by all of the next four
//	body.go         request                -> body, at first as it comes
//	decompress.go   compressed body        -> body
//	exposition      body                   -> families and points
//	translate       points and Key         -> pmetric.Metrics
//	turns.go        pushes of a group      -> one after the other, each with a time
//	response.go     error                  -> HTTP answer
//	reporter.go     what became of it      -> metrics, span, log, journal
//
// With groups, these come behind turns.go:
//
//	heldchange.go   push and its group     -> the storage, then the pipeline: markers of what leaves, the push; then the memory
//	groups          push and its group     -> what it changes; what contradicts other groups; bounds
//	persistence     group                  -> entry of the storage; unwritten.go: those that must be written again
//	translate       families of a group    -> pmetric.Metrics again, and staleness markers
//	republish.go    all groups in turn     -> their values again, or their end
//
// groupsconfig.go has their settings, heldpage.go is what the status page has of them. What is seen of a push on its way is in its
// pushRecord. internal/statuspage shows the journal, and what is held.
//
// Words: a label and a sample are Prometheus', an attribute and a datapoint are OTLP's; a point is what a decoder
// emits in between. To decode is bytes to points, to translate is points to pdata, to consume is to hand to the
// pipeline. An exposition format is text, openmetrics or protobuf; gzip and the like are encodings. A group is what the pushes
// under one grouping key have left; to republish is to consume that again.
package pushgatewayreceiver

//go:generate go tool -modfile=../internal/tools/go.mod mdatagen metadata.yaml
