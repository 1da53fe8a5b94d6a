package statuspage

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// hostileTexts are what must stay text wherever it stands.
var hostileTexts = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `' onmouseover='alert(1)`, `" autofocus onfocus="alert(1)`,
	`</title><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`, `<!--`, `]]>`, `{{.}}`, `{{template "head" .}}`, "`+alert(1)+`",
	`javascript:alert(1)`, `&lt;script&gt;`, `<style>*{display:none}</style>`, `<base href=//evil>`, `<meta http-equiv=refresh content=0>`, `\u003cscript>`,
}

// shape is a page without its texts: the elements, and the names of their attributes.
func (d document) shape() string {
	var b strings.Builder
	for n := range d.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		b.WriteString("<" + n.Data)
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key)
		}
		b.WriteString(">")
	}
	return b.String()
}

// hostileJournal has a text in all places that a client decides about.
func hostileJournal(text string) *journal.Journal {
	j := newJournal()
	push := journal.Push{
		Client: text, Method: text, Format: text, Encoding: text, Outcome: journal.Refused,
		Cause: journal.Cause{Status: 400, Reason: text, Message: text},
	}
	j.Add(1, key(text, text, text), &push)
	j.Refuse(journal.Refusal{Client: text, Method: text, Path: text, Cause: push.Cause}, key(""))
	j.Refuse(journal.Refusal{Client: text, Method: text, Path: text, Cause: push.Cause}, key(text))
	return j
}

func TestHostileTextStaysText(t *testing.T) {
	for _, target := range []string{"/?job=", "/group/0000000000000001?x="} {
		plain := getDocument(t, newTestPage(hostileJournal("x")), target+"x", 200)
		for _, text := range hostileTexts {
			p := newTestPage(hostileJournal(text))
			d := getDocument(t, p, target+url.QueryEscape(text), 200)
			require.Equal(t, plain.shape(), d.shape(), text)
			var all strings.Builder
			for n := range d.Descendants() {
				if n.Type == html.TextNode {
					all.WriteString(n.Data + "\n")
				}
			}
			assert.GreaterOrEqual(t, strings.Count(all.String(), text), 6, text)
			for _, link := range d.links() {
				assert.True(t, strings.HasPrefix(link, ".") || strings.HasPrefix(link, "?") || strings.HasPrefix(link, "#"), link)
			}
			body := get(t, p, "/api/v1/pushes").Body.String()
			assert.NotContains(t, body, "<")
			assert.True(t, json.Valid([]byte(body)))
		}
	}
}

// Characters that hide or turn round what stands beside them are shown as what they are.
func TestHiddenCharactersAreShown(t *testing.T) {
	for text, want := range map[string]string{
		"a\u202eb\u2066c": `a\u202eb\u2066c`, "a\nb\x00c\x1b[31m": "a␊b␀c␛[31m", "\u007f\u0085": `\u007f\u0085`, "\u200b\ufeff\u2028": `\u200b\ufeff\u2028`,
		"日本 שלום é 👩\u200d🚀": "日本 שלום é 👩\u200d🚀",
	} {
		assert.Equal(t, want, visible(text))
		p := newTestPage(hostileJournal(text))
		for _, target := range []string{"/", "/group/0000000000000001"} {
			d := getDocument(t, p, target, 200)
			assert.Contains(t, d.one(t, "body").text(), want)
			if want != text {
				assert.NotContains(t, d.one(t, "body").text(), text, target)
			}
		}
	}
}
