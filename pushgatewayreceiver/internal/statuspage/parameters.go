package statuspage

import (
	"fmt"
	"net/url"
	"strconv"
)

// The parameters of a request, for which no more is asked than that they are bounded.
const (
	pageSize         = 100
	refusalsPageSize = 20
	metricsPageSize  = 50
	maxLimit         = 1000
	maxPage          = 1_000_000 // far more than there are, and times maxLimit it is still an int
)

// formatID writes the id of a group as it is in URLs.
func formatID(id uint64) string { return fmt.Sprintf("%016x", id) }

// parseID returns false for what formatID has not written.
func parseID(s string) (uint64, bool) {
	id, err := strconv.ParseUint(s, 16, 64)
	return id, err == nil && id != 0 && formatID(id) == s
}

// pageNumber returns the first page for what is none, and maxPage for what is beyond.
func pageNumber(s string) int {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil && n == 0 { // it is the highest number if s is higher
		return 1
	}
	return int(min(max(n, 1), maxPage))
}

// numberParameter returns a number from 1 to most, or what it is if it is not there.
func numberParameter(query url.Values, name string, otherwise, most int) (int, error) {
	s := query.Get(name)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("%s must be a number from 1 to %d", name, most)
	}
	return n, nil
}

// paging leads from a page of a list to those beside it. The links are relative to the path of the page itself.
type paging struct {
	From, To, Total int // from 1
	Newer, Older    string
}

// newPaging returns links that set the parameter to a page, and leave the others as they are.
func newPaging(query url.Values, parameter string, page, size, total int) paging {
	p := paging{From: (page-1)*size + 1, To: min(page*size, total), Total: total}
	link := func(page int) string {
		q := url.Values{}
		for _, name := range []string{"job", "page", "refusals", "metrics"} {
			if v := query.Get(name); v != "" {
				q.Set(name, v)
			}
		}
		q.Set(parameter, strconv.Itoa(page))
		return "?" + q.Encode()
	}
	if page > 1 {
		p.Newer = link(page - 1)
	}
	if page*size < total {
		p.Older = link(page + 1)
	}
	return p
}

// lastPage is at least 1.
func lastPage(total, size int) int { return max(1, (total+size-1)/size) }

// namedPaging is what the template of the links shows.
type namedPaging struct {
	paging
	Of string
}

// Named says what it is that the pages are of.
func (p paging) Named(of string) namedPaging { return namedPaging{p, of} }
