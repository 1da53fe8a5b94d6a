package parity

import "net/http"

func groupPushes() []push {
	return []push{
		{path: "/job/groups", body: "# TYPE in_groups gauge\nin_groups 1\n"},
		{path: "/job/groups/instance/a", body: "# TYPE in_groups gauge\nin_groups 2\n"},
		{path: "/job/groups/instance/b", body: "# TYPE in_groups gauge\nin_groups 3\n"},
		{path: "/job/groups/instance/b/shard/1", body: "# TYPE in_groups gauge\nin_groups{l=\"v\"} 4\n"},
		{path: "/job/groups/shard/1/instance/c", body: "# HELP in_groups Another help.\n# TYPE in_groups gauge\nin_groups 5\n"},
		{path: "/job@base64/YS9iIGM_", body: "odd_job 1\n"},
		{path: "/job/with%20space+plus", body: "odd_job 2\n"},
		{path: "/job/Z%C3%BCrich/instance/%E6%9D%B1%E4%BA%AC", body: "odd_job 3\n"},
		{path: "/job/values/dir@base64/L3Zhci90bXA/other@base64/L3Zhci8=/empty@base64/=", body: "odd_values 1\n"},
		{path: "/job/values/plus/a+b/space/a%20b/colon/h:9100/dots/a..b/percent/100%25/quote/%22%5C%0A", body: "odd_values 2\n"},
		{path: "/job/trailing/", body: "trailing 1\n"},

		{path: "/job/replaced", body: "replaced 1\nreplaced{until=\"replaced\"} 1\nreplaced_metric{until=\"replaced\"} 1\n"},
		{path: "/job/replaced", body: "replaced 2\n"},
		{method: http.MethodPost, path: "/job/added", body: "added{until=\"replaced\"} 1\nadded_kept 1\n"},
		{method: http.MethodPost, path: "/job/added", body: "added 2\n"},
		{path: "/job/deleted/until/deleted", body: "deleted 1\n"},
		{
			method: http.MethodDelete, path: "/job/deleted/until/deleted",
			refused: byCollector, because: "nothing is kept, so there is nothing to delete",
		},
	}
}
