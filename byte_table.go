package cors

import "hash/maphash"

// byteTable is an immutable set of byte strings, made for lookups that neither allocate nor follow
// pointers, among millions of keys:
//
//	slots  [ 7f3a:12 | ....:0 | 91c0:1 | ... ]   a power of two, at most half of them taken
//	keys   "\nhttps://a.example\nhttps://b.example\n"
//
// A slot has a part of its key's hash, and where in keys the key begins (0: a free slot). A key ends at the
// line feed, which no key contains. Nothing in it is a pointer to a key, so that the garbage collector has
// nothing to scan, and a key costs its own length and 17 to 33 bytes. The zero value is the empty set.
type byteTable struct {
	seed    maphash.Seed
	slots   []tableSlot
	keys    []byte
	longest int
}

type tableSlot struct {
	tag   uint32
	start uint32
}

const keyEnd = '\n'

// newByteTable makes the set of keys, which are not empty and together shorter than 4 GiB.
func newByteTable(keys []string) byteTable {
	if len(keys) == 0 {
		return byteTable{}
	}
	size, total := 2, 1
	for size < 2*len(keys) {
		size *= 2
	}
	for _, key := range keys {
		total += len(key) + 1
	}
	t := byteTable{seed: maphash.MakeSeed(), slots: make([]tableSlot, size), keys: make([]byte, 0, total)}
	t.keys = append(t.keys, keyEnd)
	for _, key := range keys {
		slot, found := t.find([]byte(key))
		if found {
			continue
		}
		slot.tag, slot.start = uint32(maphash.String(t.seed, key)>>32), uint32(len(t.keys))
		t.keys = append(append(t.keys, key...), keyEnd)
		t.longest = max(t.longest, len(key))
	}
	return t
}

// has tells whether key is in the set.
func (t *byteTable) has(key []byte) bool {
	return t.get(key) != nil
}

// get returns the table's own copy of key, or nil if key is not in the set. A key longer than all in the set is
// not even hashed.
func (t *byteTable) get(key []byte) []byte {
	if len(key) == 0 || len(key) > t.longest {
		return nil
	}
	slot, found := t.find(key)
	if !found {
		return nil
	}
	return t.keys[slot.start:][:len(key):len(key)]
}

// find returns the slot that has key, or else the free one where it belongs.
func (t *byteTable) find(key []byte) (slot *tableSlot, found bool) {
	hash := maphash.Bytes(t.seed, key)
	mask, tag := uint64(len(t.slots)-1), uint32(hash>>32)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot = &t.slots[i]
		if slot.start == 0 {
			return slot, false
		}
		if slot.tag == tag && t.keyAt(slot.start, key) {
			return slot, true
		}
	}
}

func (t *byteTable) keyAt(start uint32, key []byte) bool {
	end := int(start) + len(key)
	return end < len(t.keys) && t.keys[end] == keyEnd && string(t.keys[start:end]) == string(key)
}
