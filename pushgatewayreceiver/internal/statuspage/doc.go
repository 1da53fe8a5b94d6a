// Package statuspage shows what a journal of pushes has, and which groups are held: as pages for people, and as JSON for programs. It
// keeps nothing by itself but which groups were just deleted, and asks for nothing from elsewhere.
//
// The paths below the page's root:
//
//	""                 the groups that pushed last, and the last refusals; ?job=, ?page=, ?refusals= (the page of these)
//	held               the groups that are held; ?job=, ?page=, ?deleted= (one that was just deleted)
//	group/<id>         all that is known of a group; ?refusals=, ?metrics= (the page of those that are held)
//	group/<id>/delete  a POST of the form on that page deletes it
//	api/v1/status      JSON
//	api/v1/pushes      JSON; ?job=, ?group=, ?page=, ?limit=
//	api/v1/metrics     JSON: see Metrics, which need no page
//	assets/...         style and script
//
// The JSON is in the Pushgateway's envelope: {"status":"success","data":...}, or with a 400 {"status":"error","error":"..."}. Fields may
// be added; those that are there keep their names and meaning. Times are RFC 3339 in UTC with milliseconds at most, and the names of
// figures end in their unit.
//
// The data of status:
//
//	receiver           its name in the configuration
//	start_time
//	build_information  version (of the Collector), goVersion
//	groups, refusals   known: how many are remembered; max: how many at most
//	totals             accepted, refused, failed: requests since the start
//	in_flight          pushes, bytes
//	held               groups, series, bytes: how much is held; max_groups, max_series, max_bytes: the bounds of new groups, beyond
//	                   which those that are held may grow; null if nothing ever is held
//
// The data of pushes, which are those of a page of limit entries (100, at most 1000), page 1 being the newest:
//
//	page, limit
//	groups_total, refusals_total   how many there are that match
//	groups
//	  id                           16 hexadecimal digits; another one after a restart
//	  job, labels                  the grouping key; labels are those without the job
//	  labels_left_out              how many labels are not there, because the key is long
//	  key_cut                      whether any are left out, or any text of the key is cut and ends in an ellipsis
//	  first_push_time              since the group is known
//	  last_accepted_time           null: never
//	  pushes                       accepted, refused, failed
//	  last_push
//	    time, client, method, format, encoding
//	    samples
//	    compressed_bytes, uncompressed_bytes                 null: not known
//	    receive_seconds, decode_seconds, consume_seconds     0 for what did not come about
//	    duration_seconds                                     until the answer
//	    outcome                    accepted, refused (for what is wrong with it) or failed (the pipeline did not take it)
//	    cause                      null if it was accepted
//	refusals
//	  time, first_time, count      of requests that were refused for the same reason in the same way
//	  client, method               of the last of these
//	  path                         null if there is a group
//	  group_id                     null if the request got not as far as that
//	  job, labels, labels_left_out
//	  cause
//
// A cause:
//
//	http_status
//	reason    one of those of the metric otelcol_pushgateway_receiver_refused_requests
//	line      of the body, from 1; null if no line is to blame
//	message
//
// The data of metrics are the groups that are held, in the order of their keys. They are those of the Pushgateway:
//
//	labels                       the grouping key with the job
//	last_push_successful         false: it was tried again since, and refused
//	<name of a metric>           of each that is held, and push_time_seconds and push_failure_time_seconds
//	  time_stamp                 when it was pushed
//	  type                       COUNTER, GAUGE, HISTOGRAM, SUMMARY, UNTYPED
//	  help                       only if there is one
//	  metrics
//	    labels                   of the series, with those of the grouping key and an instance
//	    value                    as a string; of all types but histograms and summaries
//	    count, sum, quantiles    of a summary; quantiles by their names
//	    count, sum, buckets      of a histogram; buckets by their upper bounds, cumulative
//	                             or, of a native one, [boundaries, lower, upper, count] as in Prometheus' API
package statuspage
