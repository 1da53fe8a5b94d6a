package protocol

// topics are all tables, in the order in which a request is read.
var topics = []topic{
	{"methods", methodCases},
	{"paths", pathCases},
	{"base64", base64Cases},
	{"labels", labelCases},
	{"content types", contentTypeCases},
	{"encodings", encodingCases},
	{"protobuf", protobufCases},
	{"text", textCases},
	{"OpenMetrics", openMetricsCases},
	{"empty bodies", emptyCases},
	{"lenient bodies", lenientCases},
	{"connections", connectionCases},
	{"push times", pushTimeCases},
	{"passwords", passwordCases},
}
