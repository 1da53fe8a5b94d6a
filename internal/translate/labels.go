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
	b.keyResource = append(b.keyResource, exposition.Label{Name: serviceName, Value: b.key.Job})
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
func (b *Builder) checkKeyAgainst(f *exposition.Family) error {
	name := ownLabel(f.Type)
	if name == "" {
		return nil
	}
	if value, _ := b.key.Label(name); value != "" {
		return inconsistent(f.Name, nil, exposition.Errorf("a %s cannot be pushed with a grouping label %s", f.Type, exposition.Literal(name)))
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

// A shape is what the label names of a point say about its labels. The next point often has the same names.
type shape struct {
	labels []shapeLabel
	own    string // the label that the points cannot have
	plain  bool   // all labels become attributes, if they have a value
}

type shapeLabel struct {
	name string
	hash uint64
	use  labelUse
}

// labelUse is what becomes of a label.
type labelUse uint8

const (
	asAttribute labelUse = iota
	forScope
	replaced // by the grouping key
)

// forget returns the shape without the strings of the push.
func (s *shape) forget() shape {
	clear(s.labels[:cap(s.labels)])
	return shape{labels: s.labels[:0]}
}

// fits says whether labels have the names of the shape.
func (s *shape) fits(labels []exposition.Label, own string) bool {
	if len(labels) != len(s.labels) || own != s.own {
		return false
	}
	for i := range labels {
		if labels[i].Name != s.labels[i].name {
			return false
		}
	}
	return true
}

// learn makes b.shape that of labels.
func (b *Builder) learn(labels []exposition.Label, own string) error {
	b.shape = shape{labels: b.shape.labels[:0], own: own, plain: true}
	for _, l := range labels {
		switch {
		case strings.HasPrefix(l.Name, model.ReservedLabelPrefix):
			return exposition.Errorf("label name %s: names with %s in front are reserved", exposition.Quote(l.Name), exposition.Literal(model.ReservedLabelPrefix))
		case l.Name == own:
			return exposition.Errorf("a %s cannot have a label %s of its own", b.family.Type, exposition.Literal(own))
		}
		known := shapeLabel{name: l.Name, hash: exposition.HashName(l.Name)}
		if _, ok := b.key.Label(l.Name); ok {
			known.use = replaced
		} else if isScopeLabel(l.Name) {
			known.use = forScope
		}
		b.shape.plain = b.shape.plain && known.use == asAttribute
		b.shape.labels = append(b.shape.labels, known)
	}
	return nil
}

// setLabels sets b.labels, b.scopeLabels and b.hash: to the labels that count, which are those that have a value, because
// Prometheus takes the others for absent, and that the grouping key does not replace.
func (b *Builder) setLabels(labels []exposition.Label) error {
	own := ownLabel(b.family.Type)
	if !b.shape.fits(labels, own) {
		if err := b.learn(labels, own); err != nil {
			b.shape = b.shape.forget()
			return err
		}
	}
	b.hash = b.family.hash
	if b.shape.plain && b.hashAll(labels) {
		b.labels, b.scopeLabels = labels, nil
	} else {
		b.pick(labels)
	}
	b.hash &= b.hashMask
	return nil
}

// hashAll adds all labels to the hash, unless one of them has no value.
func (b *Builder) hashAll(labels []exposition.Label) bool {
	hash := b.hash
	for i := range labels {
		if labels[i].Value == "" {
			return false
		}
		hash += exposition.HashLabel(b.shape.labels[i].hash, labels[i].Value)
	}
	b.hash = hash
	return true
}

// pick sorts out the labels. Those of the scope come first in b.kept, in the order of their names.
func (b *Builder) pick(labels []exposition.Label) {
	b.kept = b.kept[:0]
	scopeLabels := 0
	for _, use := range [...]labelUse{forScope, asAttribute} {
		for i, l := range labels {
			known := b.shape.labels[i]
			if known.use == use && l.Value != "" {
				b.kept = append(b.kept, l)
				b.hash += exposition.HashLabel(known.hash, l.Value)
			}
		}
		if use == forScope {
			scopeLabels = len(b.kept)
		}
	}
	b.scopeLabels, b.labels = b.kept[:scopeLabels], b.kept[scopeLabels:]
	slices.SortFunc(b.scopeLabels, func(x, y exposition.Label) int { return strings.Compare(x.Name, y.Name) })
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

// fewMetrics is how many a scope has room for from the start: a job that pushes by hand has no more.
const fewMetrics = 4

// scope returns the scope of the current point, which has that id.
func (b *Builder) scope(id string) pmetric.ScopeMetrics {
	if sm, ok := b.scopes[id]; ok {
		return sm
	}
	if id == "" && b.ownScope != (pmetric.ScopeMetrics{}) {
		return b.ownScope
	}
	sm := b.metrics.ResourceMetrics().At(0).ScopeMetrics().AppendEmpty()
	sm.Metrics().EnsureCapacity(fewMetrics)
	b.remember(id, sm)
	// No version of ours: exporters make the version a label, so each upgrade would begin all series anew.
	sm.Scope().SetName(b.options.ScopeName)
	for _, labels := range [...][]exposition.Label{b.scopeLabels, b.keyScope} {
		for _, l := range labels {
			setScopeLabel(sm, l)
		}
	}
	return sm
}

func setScopeLabel(sm pmetric.ScopeMetrics, l exposition.Label) {
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

func (b *Builder) remember(id string, sm pmetric.ScopeMetrics) {
	if id == "" {
		b.ownScope = sm
		return
	}
	if b.scopes == nil {
		b.scopes = map[string]pmetric.ScopeMetrics{}
	}
	b.scopes[id] = sm
}

// isTargetInfo says whether a family is target_info, which as an info of OpenMetrics is called target.
func isTargetInfo(f *exposition.Family) bool {
	return f.Name == prometheus.TargetInfoMetricName || (f.Type == exposition.TypeInfo && f.Name+"_info" == prometheus.TargetInfoMetricName)
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
	attributes.EnsureCapacity(attributes.Len() + len(b.keyResource))
	for _, l := range b.keyResource {
		attributes.PutStr(l.Name, l.Value)
	}
}

// inconsistent names the series, or the metric if the labels are nil.
func inconsistent(name string, labels []exposition.Label, err error) error {
	return &InconsistentError{Series: exposition.SeriesName(name, labels), Err: err}
}
