package cors

import (
	"encoding/binary"
	"math/bits"
)

// nameTable is an immutable set of header names, which are compared without regard to case. Neither the hash
// nor the comparison has to write a name in lower case first:
//
//	slots  [ 0 | 2 | 0 | 1 | ... ]     a power of two, at most half of them taken; 0 is a free one
//	names  "content-type", "x-token"   slot 1 is names[0]
//
// A stranger who knows the hash gains nothing: the names are the policy's own, and so is the longest run of taken
// slots. The zero value is the empty set.
type nameTable struct {
	slots   []uint32
	names   []string // in lower case
	longest int
}

// newNameTable makes the set of names, which are in lower case, each once.
func newNameTable(names []string) nameTable {
	if len(names) == 0 {
		return nameTable{}
	}
	t := nameTable{slots: make([]uint32, 1<<bits.Len(uint(2*len(names)-1))), names: names}
	for i, name := range names {
		t.longest = max(t.longest, len(name))
		slot := foldedHash([]byte(name)) & uint64(len(t.slots)-1)
		for t.slots[slot] != 0 {
			slot = (slot + 1) & uint64(len(t.slots)-1)
		}
		t.slots[slot] = uint32(i + 1)
	}
	return t
}

// has tells whether name is in the set. A name longer than all in the set is not even hashed.
func (t *nameTable) has(name []byte) bool {
	if len(name) == 0 || len(name) > t.longest {
		return false
	}
	mask := uint64(len(t.slots) - 1)
	for i := foldedHash(name) & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if equalLower(name, t.names[t.slots[i]-1]) {
			return true
		}
	}
	return false
}

// equalLower compares name with one in lower case, without regard to case.
func equalLower(name []byte, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	if string(name) == lower { // which is what browsers send
		return true
	}
	for i, c := range name {
		if toLower(c) != lower[i] {
			return false
		}
	}
	return true
}

// foldedHash is the same for names that differ in nothing but case, and for some others: it ignores the bit
// that tells the two cases of a letter apart, and what long names have in the middle. The name is not empty.
func foldedHash(name []byte) uint64 {
	const lowerCase = 0x2020202020202020
	n := len(name)
	var first, last uint64
	switch {
	case n >= 8:
		first, last = binary.LittleEndian.Uint64(name), binary.LittleEndian.Uint64(name[n-8:])
	case n >= 4:
		first, last = uint64(binary.LittleEndian.Uint32(name)), uint64(binary.LittleEndian.Uint32(name[n-4:]))
	default:
		first, last = uint64(name[0])|uint64(name[n/2])<<8, uint64(name[n-1])
	}
	// Both halves of the product, so that every byte counts in the bits that are used. The constants have no meaning.
	high, low := bits.Mul64((first|lowerCase)^0xA0761D6478BD642F, (last|lowerCase)^(0xE7037ED1A0B428DB+uint64(n)))
	return high ^ low
}
