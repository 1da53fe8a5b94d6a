package exposition

// families are the metric families of one body, by their names. It is reused from body to body.
type families struct {
	sink  Sink
	meter *meter
	// suffixes are those that each type adds to the names of its series.
	suffixes typeSuffixes
	names    nameIndex
	all      []*family // those in use, and behind them those that may be used again
	used     int
	split    []*family // announced, and with more series than their name says
	late     []*family // announced before all of their head was known
	count    int       // how many are announced
	current  *family   // the one that the sink was told of last
}

// A family is what is known of a metric family so far.
type family struct {
	Family
	base      string // the name by which it is known: in OpenMetrics a counter's has no _total
	hash      uint64 // what it adds to hashes of labels; 0 if that is not known yet
	offset    int    // where in the body it is named first
	announced bool
	unique    bool // there were no families that have the names of its series when its type was set
	hasHelp   bool
	hasType   bool // there was a TYPE line, or a sample that settles the type
	hasUnit   bool
}

// maxKeptFamilies is how many are kept for the next body: emptying a map takes time for all of its room.
const maxKeptFamilies = 4096

// typeSuffixes are the endings of the names of the series of each type.
type typeSuffixes [TypeGaugeHistogram + 1][]string

func newFamilies(suffixes typeSuffixes) families { return families{suffixes: suffixes} }

// reset forgets the body, whose strings must not be kept alive.
func (t *families) reset() {
	if len(t.all) > maxKeptFamilies {
		*t = newFamilies(t.suffixes)
		return
	}
	for _, f := range t.all[:t.used] {
		*f = family{}
	}
	t.names.forget()
	*t = families{suffixes: t.suffixes, names: t.names, all: t.all, split: t.split[:0], late: t.late[:0]}
}

// add makes the family of that name, which must be new.
func (t *families) add(name string) (*family, error) {
	f, err := t.make(name)
	if err == nil {
		t.names.add(f)
	}
	return f, err
}

// make makes a family whose name is not settled yet.
func (t *families) make(name string) (*family, error) {
	if err := t.meter.need(familyMemory); err != nil {
		return nil, err
	}
	if t.used == len(t.all) {
		t.all = append(t.all, &family{})
	}
	f := t.all[t.used]
	t.used++
	f.Name, f.base = name, name
	return f, nil
}

// hasAny says whether there is a family of the name and one of the suffixes.
func (t *families) hasAny(name string, suffixes []string) bool {
	for _, suffix := range suffixes {
		if _, ok := t.names.find(name + suffix); ok {
			return true
		}
	}
	return false
}

// announce tells the sink that f's points follow.
func (t *families) announce(f *family) error {
	if t.current == f {
		return nil
	}
	if !f.announced {
		f.announced = true
		f.Index = t.count
		t.count++
		if len(t.suffixes[f.Type]) > 0 {
			t.split = append(t.split, f)
		}
	}
	t.current = f
	return t.sink.Family(&f.Family)
}

// setHelp and setUnit complete the head of f.
func (t *families) setHelp(f *family, help string) {
	f.Help, f.hasHelp = help, true
	t.completed(f)
}

func (t *families) setUnit(f *family, unit string) {
	f.Unit, f.hasUnit = unit, true
	t.completed(f)
}

func (t *families) completed(f *family) {
	if f.announced {
		t.late = append(t.late, f)
	}
}

// complete tells the sink what it does not know yet of a family's head.
func (t *families) complete() error {
	for _, f := range t.late {
		t.current = f
		if err := t.sink.Family(&f.Family); err != nil {
			return err
		}
	}
	return nil
}

// checkNames refuses families whose series would have the same names, as the Pushgateway does. It returns one of them.
func (t *families) checkNames() (*family, error) {
	var room [128]byte // on the stack
	for _, f := range t.split {
		for _, suffix := range t.suffixes[f.Type] {
			name := append(append(room[:0], f.base...), suffix...)
			if other, ok := t.names.findBytes(name); ok && other.announced && other != f {
				return other, Errorf("metric %s: a %s has a series of that name too", Quote(other.base), f.Type)
			}
		}
	}
	return nil, nil
}

// classicSuffixes are those of the text format and of protobuf.
var classicSuffixes = typeSuffixes{
	TypeHistogram: {"_bucket", "_count", "_sum"},
	TypeSummary:   {"_count", "_sum"},
}
