package protocol

import "testing"

// encoded is a push of "m 1" with a base64 job.
func encoded(key string) string { return push("/metrics/job@base64/"+key, "m 1\n") }

func base64Cases(*testing.T) []protocolCase {
	const says = "invalid base64"
	return []protocolCase{
		{name: "without padding", request: encoded("eA/l@base64/dg"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "with padding", request: encoded("eA==/l@base64/dg=="), want: taken(`m{job="x",l="v"} 1`)},
		{name: "with too little padding", request: encoded("eA=/l@base64/dg="), want: taken(`m{job="x",l="v"} 1`)},
		{name: "with too much padding", request: encoded("eA====="), want: taken(`m{job="x"} 1`)},
		{name: "with escaped padding", request: encoded("eA%3D%3d"), want: taken(`m{job="x"} 1`)},
		{name: "slashes in the values", request: encoded("YS9i/path@base64/L3Zhci90bXA"), want: taken(`m{job="a/b",path="/var/tmp"} 1`)},
		{name: "the URL-safe alphabet", request: keyed("x/l@base64/fn5-Pz8_"), want: taken(`m{job="x",l="~~~???"} 1`)},
		{name: "UTF-8", request: encoded("WsO8cmljaA"), want: taken(`m{job="Zürich"} 1`)},
		{name: "loose bits at the end", request: keyed("x/l@base64/dh"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "CR LF inside", request: keyed("x/l@base64/dn%0D%0AZ2"), want: taken(`m{job="x",l="vvv"} 1`)},
		{name: "plain and base64 labels", request: encoded("eA/a/b/c@base64/ZA/e/f"), want: taken(`m{a="b",c="d",e="f",job="x"} 1`)},
		{name: "a plain job and a base64 label", request: keyed("x/l@base64/dg"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "the empty value", request: keyed("x/l@base64/="), want: taken(`m{job="x"} 1`)},
		{name: "the empty value with more behind", request: keyed("x/l@base64/=/m/v"), want: taken(`m{job="x",m="v"} 1`)},
		{name: "nothing as value", request: keyed("x/l@base64/"), want: taken(`m{job="x"} 1`)},
		{name: "a label name alone", request: keyed("x/l@base64"), want: refused(), says: "has no value"},
		{name: "the empty job", request: encoded("="), want: refused(), says: "job name is required"},
		{name: "the empty job with labels", request: encoded("=/l/v"), want: refused(), says: "job name is required"},
		{name: "nothing as job", request: encoded(""), because: noRedirects,
			want: status(404), here: refused(), says: "job name is required"},
		{name: "a value that is not base64", request: keyed("x/l@base64/a.b"), want: refused(), says: says + ` encoding for label l="a.b"`},
		{name: "a plus sign in a value", request: keyed("x/l@base64/fn5+"), want: refused(), says: says},
		{name: "an escaped plus sign in a value", request: keyed("x/l@base64/fn5%2B"), want: refused(), says: says},
		{name: "an unescaped slash in a value", request: keyed("x/l@base64/Pz8/"), because: slashAtTheEnd,
			want: refused(), here: taken(`m{job="x",l="??"} 1`)},
		{name: "an escaped slash in a value", request: keyed("x/l@base64/Pz8%2F"), want: refused(), says: says},
		{name: "a blank in a value", request: keyed("x/l@base64/dn%20Z2"), want: refused(), says: says},
		{name: "padding inside a value", request: keyed("x/l@base64/dg==dg=="), want: refused(), says: says},
		{name: "one digit", request: keyed("x/l@base64/d"), want: refused(), says: says},
		{name: "five digits", request: keyed("x/l@base64/dnZ2d"), want: refused(), says: says},
		{name: "a plain value that looks like base64", request: keyed("x/l/dg=="), want: taken(`m{job="x",l="dg=="} 1`)},
		{name: "a suffix in capitals", request: keyed("x/l@Base64/dg"), to: closest, want: refused(), says: "improper label name"},
		{name: "the suffix twice", request: keyed("x/l@base64@base64/dg"), to: closest, want: refused(), says: "improper label name"},
		{name: "the suffix alone", request: keyed("x/@base64/dg"), want: refused(), says: "improper label name"},
		{name: "a job in base64 that is a label too", request: encoded("eA/job@base64/dg"), want: taken(`m{job="x"} 1`)},
		// The Pushgateway 1.5.1 refuses all base64 jobs behind one of these, good ones too.
		{name: "a job that is not base64", request: encoded("a.b"), breaks: true,
			want: refused(), says: says + ` encoding for label job="a.b"`},
		{name: "a job with a plus sign", request: encoded("fn5+/l/v"), breaks: true, want: refused(), says: says},
		{name: "a job of one digit", request: encoded("d"), breaks: true, want: refused(), says: says},
		{name: "a job with a blank", request: encoded("%20eA"), breaks: true, want: refused(), says: says},
		{name: "a job with padding inside", request: encoded("eA==eA"), breaks: true, want: refused(), says: says},
	}
}
