// Command prometheusreceiver writes what contrib's prometheusreceiver makes of pages: the oracle for our own
// translation of them. The argument is a folder of pages in text (*.txt), OpenMetrics (*.om) and delimited protobuf
// (*.pb):
//
//	go run -tags remove_all_sd . ../../../testdata/pages
//
// It runs the receiver of the version in go.mod, lets it scrape each page once over HTTP, and writes beside the page,
// under the page's name and .want, the metrics in the form of package render, without what the scrape added to them. Of
// a page that the receiver does not take, the file has one line: "rejected: " and the receiver's reason.
//
// The receiver has its defaults, but for what a page may need: native histograms are on, labels of the page win over
// those of the target, and the feature gate receiver.prometheusreceiver.EnableCreatedTimestampZeroIngestion is on,
// because without it the created timestamps of protobuf are dropped. A native histogram wins over the classic one
// beside it.
//
// It is a module of its own, as the receiver needs hundreds of others. The tag remove_all_sd leaves out what the
// receiver would need for discovering targets in clouds; without it the results are the same and the build takes
// longer.
package main
