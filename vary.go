package cors

import (
	"sync"

	"github.com/valyala/fasthttp"
)

// mergeVary appends to dst the elements of the response's Vary lines, and then those of names, each once (RFC 9110
// section 12.5.5). Where there is a "*", or all names are listed in one line, nothing has to change.
func mergeVary(dst []byte, h *fasthttp.ResponseHeader, names []byte) (_ []byte, changed bool) {
	list := listPool.Get().(*uniqueList)
	defer listPool.Put(list)
	list.reset(dst)
	for name, value := range h.All() {
		if !isVary(name) {
			continue
		}
		for len(value) > 0 {
			var element []byte
			if element, value = nextElement(value); string(element) == "*" {
				return list.text, false
			}
			list.add(element)
		}
	}
	for len(names) > 0 {
		var element []byte
		element, names = nextElement(names)
		list.add(element)
	}
	return list.text, true
}

// uniqueList is a list of names to which each is added once, compared without regard to case. What it costs to add
// one does not depend on how many there are, since that is for an upstream to say.
type uniqueList struct {
	text  []byte // names with ", " between them
	count int
	slots []uint32 // a hash table: where in text a name begins, and one more; not used for a few names
}

const fewNames = 8

var listPool = sync.Pool{New: func() any { return new(uniqueList) }}

func (l *uniqueList) reset(text []byte) {
	l.text, l.count, l.slots = text, 0, l.slots[:0]
}

func (l *uniqueList) add(name []byte) {
	if len(name) == 0 {
		return
	}
	if l.count < fewNames {
		for rest := l.text; len(rest) > 0; {
			var element []byte
			if element, rest = nextElement(rest); equalFold(element, name) {
				return
			}
		}
		l.append(name)
		return
	}
	if 2*l.count >= len(l.slots) {
		l.grow()
	}
	slot := l.find(name)
	if *slot == 0 {
		*slot = uint32(l.append(name) + 1)
	}
}

// append returns where name begins.
func (l *uniqueList) append(name []byte) int {
	if l.count > 0 {
		l.text = append(l.text, ", "...)
	}
	l.count++
	l.text = append(l.text, name...)
	return len(l.text) - len(name)
}

// grow makes room for three times as many names.
func (l *uniqueList) grow() {
	size := max(8*fewNames, 4*len(l.slots))
	if cap(l.slots) < size {
		l.slots = make([]uint32, size)
	}
	l.slots = l.slots[:size]
	clear(l.slots)
	for start := 0; start < len(l.text); {
		name, _ := nextElement(l.text[start:])
		*l.find(name) = uint32(start + 1)
		start += len(name) + len(", ")
	}
}

// find returns the slot of name, or else the free one where it belongs.
func (l *uniqueList) find(name []byte) *uint32 {
	mask := uint64(len(l.slots) - 1)
	for i := foldedHash(name) & mask; ; i = (i + 1) & mask {
		slot := &l.slots[i]
		if *slot == 0 {
			return slot
		}
		start := int(*slot - 1)
		if end := start + len(name); end <= len(l.text) && (end == len(l.text) || l.text[end] == ',') && equalFold(l.text[start:end], name) {
			return slot
		}
	}
}
