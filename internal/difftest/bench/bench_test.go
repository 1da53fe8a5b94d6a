package main

import "testing"

// BenchmarkDecode measures our way for each data set:
//
//	cd internal/difftest && go test ./bench -run '^$' -bench .
func BenchmarkDecode(b *testing.B) {
	for _, s := range dataSets() {
		b.Run(s.name+" "+s.format.String(), func(b *testing.B) {
			body := s.body()
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				ours(body, s.format)
			}
		})
	}
}
