package protocol

import (
	"strings"
	"testing"
)

// keyed is a push of "m 1" to a grouping key.
func keyed(key string) string { return push("/metrics/job/"+key, "m 1\n") }

func pathCases(*testing.T) []protocolCase {
	cases := append(spellingCases(), slashCases()...)
	cases = append(cases, dotCases()...)
	return append(append(cases, prefixCases()...), targetCases()...)
}

// spellingCases are characters in a value, and how they are escaped.
func spellingCases() []protocolCase {
	return []protocolCase{
		{name: "a plus sign is no blank", request: keyed("a+b/l/c+d"), want: taken(`m{job="a+b",l="c+d"} 1`)},
		{name: "an escaped plus sign", request: keyed("a%2Bb"), want: taken(`m{job="a+b"} 1`)},
		{name: "an escaped blank", request: keyed("a%20b/l/%20"), want: taken(`m{job="a b",l=" "} 1`)},
		{name: "a query is passed over", request: keyed("x/l/v?a=b&c/d"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "an empty query", request: keyed("x?"), want: taken(`m{job="x"} 1`)},
		{name: "a broken query", request: keyed("x?%zz;"), want: taken(`m{job="x"} 1`)},
		{name: "a query with what a path cannot have", request: keyed("x?../..//%2F"), want: taken(`m{job="x"} 1`)},
		{name: "an escaped question mark", request: keyed("x%3Fa"), want: taken(`m{job="x?a"} 1`)},
		{name: "a fragment is data", request: keyed("x#f"), want: taken(`m{job="x#f"} 1`)},
		{name: "a fragment behind a query", request: keyed("x?q#f/g"), want: taken(`m{job="x"} 1`)},
		{name: "a semicolon", request: keyed("x;a=b/l/;"), want: taken(`m{job="x;a=b",l=";"} 1`)},
		{name: "characters that should be escaped",
			request: keyed("<\"|^`{}[]\\>/l/v"), want: taken("m{job=\"<\\\"|^`{}[]\\\\>\",l=\"v\"} 1")},
		{name: "an unescaped character with an escaped slash", request: keyed("x/l/a|%2Fb"), because: escapedSlash,
			want: refused(), here: taken(`m{job="x",l="a|/b"} 1`)},
		{name: "characters that need not be escaped", request: keyed("%78%2D%7E/l/%76"), want: taken(`m{job="x-~",l="v"} 1`)},
		{name: "all that a segment may have", request: keyed("-._~!$&'()*+,;=:@/l/v"), want: taken(`m{job="-._~!$&'()*+,;=:@",l="v"} 1`)},
		{name: "unescaped UTF-8", request: keyed("Zürich/l/東京"), want: taken(`m{job="Zürich",l="東京"} 1`)},
		{name: "escaped UTF-8", request: keyed("Z%C3%BCrich/l/%e6%9d%b1"), want: taken(`m{job="Zürich",l="東"} 1`)},
		{name: "a NUL", request: keyed("x/l/a%00b"), want: taken(`m{job="x",l="a\x00b"} 1`)},
		{name: "a line feed", request: keyed("a%0Ab/l/%0A"), want: taken(`m{job="a\nb",l="\n"} 1`)},
		{name: "a percent sign", request: keyed("x/l/100%25"), want: taken(`m{job="x",l="100%"} 1`)},
		{name: "escaped twice", request: keyed("x/l/%252F"), want: taken(`m{job="x",l="%2F"} 1`)},
		{name: "an escaped route", request: push("/%6Detrics/%6Aob/x/%6C/v", "m 1\n"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "an escaped at sign", request: push("/metrics/job%40base64/eA/l%40base64/dg", "m 1\n"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "a percent sign alone", request: keyed("x%"), want: answer{status: 400, closes: true}},
		{name: "a percent sign with one digit", request: keyed("x/l/%2"), want: answer{status: 400, closes: true}},
		{name: "a percent sign with letters", request: keyed("x/l/%zz"), want: answer{status: 400, closes: true}},
		{name: "an unescaped blank", request: keyed("a b"), want: answer{status: 400, closes: true}},
		{name: "an unescaped tab", request: keyed("a\tb"), want: answer{status: 400, closes: true}},
		{name: "an unescaped control character", request: keyed("a\x01b"), want: answer{status: 400, closes: true}},
		{name: "an unescaped DEL", request: keyed("a\x7fb"), want: answer{status: 400, closes: true}},
		{name: "a job that is not UTF-8", request: keyed("a%FF"), breaks: true, because: notUTF8,
			want: brokenPage(400), here: refused(), says: "not UTF-8"},
		{name: "a value that is not UTF-8", request: keyed("x/l/%FF"), breaks: true, because: notUTF8,
			want: brokenPage(400), here: refused(), says: "not UTF-8"},
		{name: "an unescaped value that is not UTF-8", request: keyed("x/l/\xff"), breaks: true, because: notUTF8,
			want: brokenPage(400), here: refused(), says: "not UTF-8"},
		{name: "a base64 value that is not UTF-8", request: keyed("x/l@base64/_w"), breaks: true, because: notUTF8,
			want: brokenPage(400), here: refused(), says: "not UTF-8"},
	}
}

// brokenPage is the answer of a Pushgateway that shows nothing any more.
func brokenPage(code int) answer {
	return answer{status: code, series: map[string]string{unreadable: ""}}
}

// moved is the Pushgateway's redirect: with Go 1.26 it lets the client keep its method and its body, before that it did
// not, so that curl -L makes a GET of a push.
func moved() (now, before answer) { return status(307), status(301) }

func redirected(name, request string, here answer, says string) protocolCase {
	now, before := moved()
	return protocolCase{name: name, request: request, want: now, debian: before, here: here, because: noRedirects, says: says}
}

// corrected is a redirect too, but one for which all releases take 307.
func corrected(name, request string, here answer, says string) protocolCase {
	return protocolCase{name: name, request: request, want: status(307), here: here, because: noRedirects, says: says}
}

func slashCases() []protocolCase {
	return []protocolCase{
		{name: "a slash behind the job", request: keyed("x/"), want: taken(`m{job="x"} 1`)},
		{name: "a slash behind a label name", request: keyed("x/l/"), want: taken(`m{job="x"} 1`)},
		{name: "a slash behind a label value", request: keyed("x/l/v/"), because: slashAtTheEnd,
			want: refused(), here: taken(`m{job="x",l="v"} 1`)},
		{name: "a label name alone", request: keyed("x/l"), want: refused(), says: `label "l" has no value`},
		{name: "a second label name alone", request: keyed("x/l/v/m"), want: refused(), says: `label "m" has no value`},
		redirected("slashes before metrics", push("//metrics/job/x", "m 1\n"), taken(`m{job="x"} 1`), ""),
		redirected("three slashes before metrics", push("///metrics/job/x/l/v", "m 1\n"), taken(`m{job="x",l="v"} 1`), ""),
		redirected("slashes behind metrics", push("/metrics//job/x", "m 1\n"), taken(`m{job="x"} 1`), ""),
		redirected("slashes behind a label value", keyed("x//l/v"), taken(`m{job="x",l="v"} 1`), ""),
		redirected("slashes behind a label name", keyed("x/l//m/v"), taken(`m{job="x",m="v"} 1`), ""),
		redirected("slashes behind a label name at the end", keyed("x/l//"), taken(`m{job="x"} 1`), ""),
		redirected("slashes at the end", keyed("x/l/v//"), taken(`m{job="x",l="v"} 1`), ""),
		redirected("slashes where the job stands", push("/metrics/job//l/v", "m 1\n"), refused(), "job name is required"),
		corrected("nothing where the job stands", push("/metrics/job/", "m 1\n"), refused(), "job name is required"),
		corrected("PUT of nothing where the job stands", with("PUT", "/metrics/job/", "m 1\n"), refused(), "job name is required"),
		redirected("slashes of the page", push("/metrics//", "m 1\n"), status(404), "/metrics/job/<job>"),
		corrected("a route in capitals", push("/Metrics/Job/x", "m 1\n"), status(404), "/metrics/job/<job>"),
		corrected("job in capitals", push("/metrics/JOB/x/l/v", "m 1\n"), status(404), "/metrics/job/<job>"),
		corrected("base64 in capitals", push("/metrics/job@BASE64/eA", "m 1\n"), status(404), "/metrics/job/<job>"),
		{name: "an escaped slash in a value", request: keyed("x/path/%2Fvar%2Ftmp"), because: escapedSlash,
			want: taken(`m{job="x",var="tmp"} 1`), debian: status(301), here: taken(`m{job="x",path="/var/tmp"} 1`)},
		{name: "one escaped slash in a value", request: keyed("x/path/a%2fb"), because: escapedSlash,
			want: refused(), here: taken(`m{job="x",path="a/b"} 1`)},
		{name: "an escaped slash alone as value", request: keyed("x/path/%2F"), because: escapedSlash,
			want: refused(), debian: status(301), here: taken(`m{job="x",path="/"} 1`)},
		{name: "an escaped slash in the job", request: keyed("a%2Fb"), because: escapedSlash,
			want: refused(), here: taken(`m{job="a/b"} 1`)},
		{name: "an escaped slash in the job, with labels", request: keyed("a%2Fb/l/v"), because: escapedSlash,
			want: refused(), here: taken(`m{job="a/b",l="v"} 1`)},
		{name: "two escaped slashes in the job", request: keyed("a%2Fb%2Fc"), because: escapedSlash,
			want: taken(`m{b="c",job="a"} 1`), here: taken(`m{job="a/b/c"} 1`)},
		{name: "escaped slashes in a label name", request: keyed("x/l%2F%2Fm/v"), because: escapedSlash, to: closest,
			want: taken(`m{job="x",m="v"} 1`), debian: status(301), here: refused(), says: `improper label name "l//m"`},
		{name: "an escaped slash in the route", request: push("/metrics%2Fjob/x", "m 1\n"), because: escapedSlash,
			want: taken(`m{job="x"} 1`), here: status(404), says: "/metrics/job/<job>"},
	}
}

func dotCases() []protocolCase {
	return []protocolCase{
		redirected("a dot before metrics", push("/./metrics/job/x", "m 1\n"), status(404), "/metrics/job/<job>"),
		redirected("a dot as job", keyed("./l/v"), taken(`m{job=".",l="v"} 1`), ""),
		redirected("a dot as value", keyed("x/l/."), taken(`m{job="x",l="."} 1`), ""),
		redirected("two dots as value", keyed("x/l/.."), taken(`m{job="x",l=".."} 1`), ""),
		redirected("two dots as value, with more behind", keyed("x/l/../m/v"), taken(`m{job="x",l="..",m="v"} 1`), ""),
		redirected("two dots in the route", push("/a/../metrics/job/x", "m 1\n"), status(404), "/metrics/job/<job>"),
		{name: "escaped dots as value", request: keyed("x/l/%2e%2E"), want: taken(`m{job="x",l=".."} 1`), debian: status(301)},
		{name: "an escaped dot as job", request: keyed("%2e"), want: taken(`m{job="."} 1`), debian: status(301)},
		{name: "dots with something else", request: keyed("..x/l/.v."), want: taken(`m{job="..x",l=".v."} 1`)},
		{name: "three dots", request: keyed("x/l/..."), want: taken(`m{job="x",l="..."} 1`)},
	}
}

func prefixCases() []protocolCase {
	return []protocolCase{
		{name: "the prefix", request: push("/pushgateway/metrics/job/x/l/v", "m 1\n"), because: twoPrefixes,
			want: status(404), here: taken(`m{job="x",l="v"} 1`)},
		{name: "the prefix with base64", request: push("/pushgateway/metrics/job@base64/eA", "m 1\n"), because: twoPrefixes,
			want: status(404), here: taken(`m{job="x"} 1`)},
		{name: "GET below the prefix", request: bare("GET", "/pushgateway/metrics/job/x"), because: twoPrefixes,
			want: status(404), here: notAllowed(pushMethods)},
		{name: "the prefix alone", request: push("/pushgateway", "m 1\n"), want: status(404)},
		{name: "the prefix with a slash", request: push("/pushgateway/", "m 1\n"), want: status(404)},
		{name: "the prefix twice", request: push("/pushgateway/pushgateway/metrics/job/x", "m 1\n"), want: status(404)},
		{name: "another prefix", request: push("/gateway/metrics/job/x", "m 1\n"), want: status(404)},
		redirected("the prefix with slashes", push("//pushgateway//metrics/job/x", "m 1\n"), taken(`m{job="x"} 1`), ""),
		redirected("a base URL with a slash at its end", push("/pushgateway//metrics/job/x", "m 1\n"), taken(`m{job="x"} 1`), ""),
	}
}

// targetCases are forms of the request's target, and how long it may be.
func targetCases() []protocolCase {
	long := strings.Repeat("v", 500<<10)
	return []protocolCase{
		{name: "absolute form", request: push("http://pushgateway/metrics/job/x/l/v", "m 1\n"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "absolute form of another host", request: push("http://example.com:1/metrics/job/x", "m 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "absolute form with https", request: push("HTTPS://user@pushgateway/metrics/job/x?q", "m 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "absolute form with an escaped slash", request: push("http://pushgateway/metrics/job/x/l/%2F", "m 1\n"),
			because: escapedSlash,
			want:    refused(), debian: status(301), here: taken(`m{job="x",l="/"} 1`)},
		redirected("absolute form without a path", push("http://pushgateway", "m 1\n"), status(404), "/metrics/job/<job>"),
		{name: "no slash in front", request: push("metrics/job/x", "m 1\n"), want: answer{status: 400, closes: true}},
		{name: "no target", request: push("", "m 1\n"), want: answer{status: 400, closes: true}},
		{name: "a value of 16 KiB", request: keyed("x/l/" + long[:16<<10]), want: taken(`m{job="x",l="` + long[:16<<10] + `"} 1`)},
		{name: "a job of 16 KiB", request: keyed(long[:16<<10]), want: taken(`m{job="` + long[:16<<10] + `"} 1`)},
		{name: "a base64 value of 16 KiB", request: keyed("x/l@base64/" + strings.Repeat("dnZ2", 5<<10)),
			want: taken(`m{job="x",l="` + long[:15<<10] + `"} 1`)},
		{name: "a value of 20 KiB", request: keyed("x/l/" + long[:20<<10]), because: limits,
			want: taken(`m{job="x",l="` + long[:20<<10] + `"} 1`), here: status(413), says: "limits.label_value_length is 16384"},
		{name: "a head of 500 KiB", request: keyed("x/l/" + long), because: limits,
			want: taken(`m{job="x",l="` + long + `"} 1`), here: answer{status: 431, closes: true}},
		{name: "a head above 1 MiB", request: keyed("x/l/" + long + long + long), want: answer{status: 431, closes: true}},
		{name: "a header above 1 MiB", request: push("/metrics/job/x", "m 1\n", "X: "+long+long+long),
			want: answer{status: 431, closes: true}},
	}
}
