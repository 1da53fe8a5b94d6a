package translate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/prometheus"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// The resource attributes that every exporter to Prometheus makes job and instance of.
const (
	serviceName       = "service.name"
	serviceNamespace  = "service.namespace"
	serviceInstanceID = "service.instance.id"
)

// isIdentity says whether a label has the name of one of these attributes. On the resource it would change the job or
// the instance that the path says.
func isIdentity(name string) bool {
	return name == serviceName || name == serviceNamespace || name == serviceInstanceID
}

// splitKey sorts the grouping labels by where they go; those without a value go nowhere. job and instance go to the
// resource alone: a datapoint that has them too makes the Prometheus exporter fail. The others are by default on every
// datapoint, because exporters tell series apart by job, instance and datapoint attributes only.
func (b *Builder) splitKey() {
	b.keyResource = []exposition.Label{{Name: serviceName, Value: b.key.Job}}
	for _, kl := range b.key.Labels {
		l := exposition.Label(kl)
		switch {
		case l.Value == "":
		case l.Name == model.InstanceLabel:
			b.keyResource = append(b.keyResource, exposition.Label{Name: serviceInstanceID, Value: l.Value})
		case isScopeLabel(l.Name):
			b.keyScope = append(b.keyScope, l)
		case isIdentity(l.Name):
			b.keyAttributes = append(b.keyAttributes, l)
		default:
			if b.options.GroupingLabels != OnResource {
				b.keyAttributes = append(b.keyAttributes, l)
			}
			if b.options.GroupingLabels != OnDatapoints {
				b.keyResource = append(b.keyResource, l)
			}
		}
	}
}

// isScopeLabel says whether a label is about the scope. What follows the prefix must be something.
func isScopeLabel(name string) bool {
	return len(name) > len(prometheus.ScopeLabelPrefix) && strings.HasPrefix(name, prometheus.ScopeLabelPrefix)
}

// checkKeyAgainst refuses a grouping label that would take the place of le or quantile.
func (b *Builder) checkKeyAgainst(f exposition.Family) error {
	name := ownLabel(f.Type)
	if name == "" {
		return nil
	}
	if value, _ := b.key.Label(name); value != "" {
		return inconsistent(f.Name, nil, fmt.Errorf("a %s cannot be pushed with a grouping label %s", f.Type, name))
	}
	return nil
}

// ownLabel is the label by which a type tells the series of one point apart.
func ownLabel(t exposition.Type) string {
	switch t {
	case exposition.TypeHistogram:
		return model.BucketLabel
	case exposition.TypeSummary:
		return model.QuantileLabel
	default:
		return ""
	}
}

// setLabels puts the labels of a point that count into b.labels and b.scopeLabels, sorted: not the empty ones, which
// Prometheus takes for absent, and not those that the grouping key replaces.
func (b *Builder) setLabels(labels []exposition.Label) error {
	b.labels = append(b.labels[:0], labels...)
	b.scopeLabels = b.scopeLabels[:0]
	byName := func(x, y exposition.Label) int { return strings.Compare(x.Name, y.Name) }
	if !slices.IsSortedFunc(b.labels, byName) {
		slices.SortFunc(b.labels, byName)
	}
	own := ownLabel(b.family.Type)
	kept, previous := b.labels[:0], ""
	for _, l := range b.labels {
		switch {
		case l.Name == previous:
			return fmt.Errorf("it has label %s twice", exposition.Quote(l.Name))
		case strings.HasPrefix(l.Name, model.ReservedLabelPrefix):
			return fmt.Errorf("label name %s: names with %s in front are reserved", exposition.Quote(l.Name), model.ReservedLabelPrefix)
		case l.Name == own:
			return fmt.Errorf("a %s cannot have a label %s of its own", b.family.Type, own)
		}
		previous = l.Name
		if _, replaced := b.key.Label(l.Name); replaced || l.Value == "" {
			continue
		}
		if isScopeLabel(l.Name) {
			b.scopeLabels = append(b.scopeLabels, l)
			continue
		}
		kept = append(kept, l)
	}
	b.labels = kept
	return nil
}

// scopeID identifies the scope of the current point: its labels, in the form of a string. It is empty for our own
// scope.
func (b *Builder) scopeID() string {
	if len(b.scopeLabels) == 0 {
		return ""
	}
	var id strings.Builder
	for _, l := range b.scopeLabels {
		fmt.Fprintf(&id, "%q%q", l.Name, l.Value)
	}
	return id.String()
}

// scope returns the scope of the current point, which has that id.
func (b *Builder) scope(id string) pmetric.ScopeMetrics {
	if sm, ok := b.scopes[id]; ok {
		return sm
	}
	sm := b.metrics.ResourceMetrics().At(0).ScopeMetrics().AppendEmpty()
	b.scopes[id] = sm
	// No version of ours: exporters make the version a label, so each upgrade would begin all series anew.
	sm.Scope().SetName(b.options.ScopeName)
	for _, l := range slices.Concat(b.scopeLabels, b.keyScope) {
		switch l.Name {
		case prometheus.ScopeNameLabelKey:
			sm.Scope().SetName(l.Value)
		case prometheus.ScopeVersionLabelKey:
			sm.Scope().SetVersion(l.Value)
		case prometheus.ScopeSchemaURLLabelKey:
			sm.SetSchemaUrl(l.Value)
		default:
			sm.Scope().Attributes().PutStr(strings.TrimPrefix(l.Name, prometheus.ScopeLabelPrefix), l.Value)
		}
	}
	return sm
}

// addTargetInfo makes the labels of the current point, a target_info, resource attributes.
func (b *Builder) addTargetInfo() error {
	switch b.family.Type {
	case exposition.TypeGauge, exposition.TypeUnknown, exposition.TypeInfo:
	default:
		return errTargetType
	}
	if b.hasTarget {
		return errSecondTarget
	}
	b.hasTarget = true
	attributes := b.metrics.ResourceMetrics().At(0).Resource().Attributes()
	for _, l := range b.labels {
		if l.Name != model.InstanceLabel && !isIdentity(l.Name) {
			attributes.PutStr(l.Name, l.Value)
		}
	}
	return nil
}

// setResource adds the grouping key, which wins over target_info.
func (b *Builder) setResource() {
	attributes := b.metrics.ResourceMetrics().At(0).Resource().Attributes()
	for _, l := range b.keyResource {
		attributes.PutStr(l.Name, l.Value)
	}
}

// inconsistent names the series, or the metric if the labels are nil.
func inconsistent(name string, labels []exposition.Label, err error) error {
	return &InconsistentError{Series: exposition.SeriesName(name, labels), Err: err}
}
