package statuspage

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"time"
)

//go:embed assets
var assetFiles embed.FS

type asset struct {
	contentType string
	content     []byte
	hash        string
}

var assets = map[string]asset{
	"style.css": newAsset("style.css", "text/css; charset=utf-8"),
	"script.js": newAsset("script.js", "text/javascript; charset=utf-8"),
}

func newAsset(name, contentType string) asset {
	content, err := assetFiles.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	hash := sha256.Sum256(content)
	return asset{contentType: contentType, content: content, hash: hex.EncodeToString(hash[:8])}
}

// serveAsset lets a browser keep an asset for an hour: its URL has its hash, so another version has another URL.
func serveAsset(w http.ResponseWriter, req *http.Request, name string) bool {
	a, ok := assets[name]
	if !ok {
		return false
	}
	setHeaders(w.Header(), a.contentType, "private, max-age=3600")
	w.Header().Set("ETag", `"`+a.hash+`"`)
	http.ServeContent(w, req, name, time.Time{}, bytes.NewReader(a.content))
	return true
}
