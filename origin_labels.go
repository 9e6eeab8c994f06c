package cors

import (
	"encoding/binary"
	"math/bits"
)

// A host that a pattern covers consists of labels, which this file reads. Most are a few bytes long; a stranger's are
// as long as a host can be.

// labelBytes says of each byte what it leaves of the state of isLabelsBytewise: all bits if a label may have it, and
// otherwise none.
type labelBytes [256]int8

var domainLabels, opaqueLabels = newLabelBytes(classLabel), newLabelBytes(classOpaqueLabel)

// labelsOf returns the bytes that labels have in the hosts of a scheme.
func labelsOf(scheme string) *labelBytes {
	if isOpaque(scheme) {
		return &opaqueLabels
	}
	return &domainLabels
}

func newLabelBytes(class uint8) (t labelBytes) {
	for c := range t {
		if byteClass[c]&class != 0 {
			t[c] = -1
		}
	}
	return t
}

// isLabels tells whether b is one or more labels with dots between them, of 1 to 63 bytes each.
func isLabels(b []byte, bytes *labelBytes) bool {
	if len(b) >= longDomain && bytes == &domainLabels {
		return isDomainWordwise(b)
	}
	return isLabelsBytewise(b, bytes)
}

// longDomain is from how many bytes on isDomainWordwise takes less time than isLabelsBytewise.
const longDomain = 32

// isLabelsBytewise looks at each byte. The one bit that is set in state stands for the length of the label so far; a
// 64th byte shifts it out, and one that no label has clears it.
func isLabelsBytewise(b []byte, bytes *labelBytes) bool {
	state := uint64(1)
	for _, c := range b {
		if c == '.' {
			if state <= 1 {
				return false
			}
			state = 1
			continue
		}
		state = state << 1 & uint64(bytes[c])
	}
	return state > 1
}

// isDomainWordwise looks at 8 bytes at a time, of the labels of a domain.
func isDomainWordwise(b []byte) bool {
	// The first bytes fill up a word behind a label that is always fine: "aaaa.xyz".
	i := len(b) % 8
	word := ('a'*(eachByte>>8)|'.'<<56)>>(8*i) | binary.LittleEndian.Uint64(b)<<(64-8*i)
	dots, without := uint64(0), 0 // in the last word that has some, and how many words came behind it
	for ; ; i += 8 {
		w := &domainWords
		letters := (word + w.underscore) &^ (word + w.behindZ) & ((word ^ w.backquote) + w.low)
		others := (word + w.hyphen) &^ (word + w.behind9) & ((word ^ w.slash) + w.low)
		if (letters|others)&^word&w.high != w.high {
			return false
		}
		if found := ^((word ^ w.dot) + w.low) & w.high; found == 0 {
			without++
		} else {
			if found&(found<<8) != 0 {
				return false
			}
			if without == 0 {
				if found&(dots>>56) != 0 {
					return false
				}
			} else if without > 6 && labelLength(dots, without)+bits.TrailingZeros64(found)/8 > maxLabelLen {
				return false
			}
			dots, without = found, 0
		}
		if i == len(b) {
			length := labelLength(dots, without)
			return 0 < length && length <= maxLabelLen
		}
		word = binary.LittleEndian.Uint64(b[i : i+8])
	}
}

// labelLength returns how many bytes there are behind the last dot, up to the end of the last word.
func labelLength(dots uint64, without int) int {
	return bits.LeadingZeros64(dots)/8 + 8*without
}

// domainWords has what 8 bytes are compared with (Hacker's Delight, section 6-1): the highest bit of a byte is set by
// adding 0x80-c where it is c or more, and by adding 0x7f where it is not 0. As constants, they would be loaded one by
// one for each word, which takes a quarter more.
var domainWords = struct {
	underscore, behindZ, backquote uint64 // from "_" to "z", but for "`"
	hyphen, behind9, slash         uint64 // from "-" to "9", but for "/"
	dot, low, high                 uint64
}{
	underscore: (0x80 - '_') * eachByte, behindZ: (0x80 - 'z' - 1) * eachByte, backquote: '`' * eachByte,
	hyphen: (0x80 - '-') * eachByte, behind9: (0x80 - '9' - 1) * eachByte, slash: '/' * eachByte,
	dot: '.' * eachByte, low: 0x7f * eachByte, high: highBits,
}
