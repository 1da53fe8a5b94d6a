package parity

import "strings"

// labelText has the corners of labels and their values.
var labelText = `# TYPE label_values gauge
label_values{v="quote \" backslash \\ newline \n tab	end"} 1
label_values{v="Zürich 東京 🚀"} 2
label_values{v=" leading and trailing "} 3
label_values{v="{a=\"b\"} 1"} 4
label_values{v="1.0"} 5
label_values{v="#"} 6
label_values{v="` + strings.Repeat("long ", 2000) + `"} 7
label_values{v="control ` + "\x01\x7f\u0085\u200b" + `"} 8
label_empty{v=""} 1
label_empty{v="",w="x"} 2
label_names{A="1",b2="2",c_d="3",type="4",unit="5",name="6",namespace="7",service="8",host_name="9"} 1
label_order{z="1",a="2",M="3"} 1
label_underscores{_a="1",b__c="2",d_="3"} 1
label_otel{otel_scope_name="lib",otel_scope_version="1"} 1
label_exported{exported_job="a",exported_instance="b"} 1
`

// identityText has job and instance in its labels.
const identityText = `identity{n="none"} 1
identity{n="job",job="of the body"} 2
identity{n="instance",instance="of the body"} 3
identity{n="both",job="of the body",instance="of the body"} 4
identity{n="empty",job="",instance=""} 5
`

// escapedName is x.y in the escaping of Prometheus 3.
const escapedName = "U__x_2e_y"

func labelPushes() []push {
	return []push{
		{path: "/job/labels", body: labelText},
		{path: "/job/identity", body: identityText},
		{path: "/job/identity/instance/path", body: identityText},
		{path: "/job/identity_empty/instance@base64/=", body: identityText},
		{path: "/job/overwritten/zone/path/v/path", body: "overwritten{zone=\"body\",v=\"\"} 1\noverwritten{w=\"x\"} 2\n"},
		{path: "/job/overwritten_by_nothing/zone@base64/=", body: "overwritten{zone=\"body\",w=\"y\"} 1\n"},
		{path: "/job/key_le/le/1", body: "# TYPE key_le gauge\nkey_le{le=\"2\"} 1\n"},
		{path: "/job/key_quantile/quantile/0.5", body: "# TYPE key_quantile gauge\nkey_quantile{quantile=\"1\"} 1\n"},
		{path: "/job/key_job/job/other", body: "key_job 1\n"},
		{path: "/job/key_otel/otel_scope_name/lib", body: "key_otel 1\n"},
		{path: "/job/key_underscores/_a/1/b__c/2", body: "key_underscores 1\n"},
		{path: "/job/key_escaped/" + escapedName + "/v", body: "key_escaped 1\n"},
		{path: "/job/key_service_name/service_name/x/host_name/y", body: "key_service_name 1\n"},
		{path: "/job/target", body: "# TYPE target_info gauge\ntarget_info{version=\"1.2\",region=\"eu\"} 1\ntarget_value 1\n"},
	}
}
