package cors

import (
	"fmt"
	"strconv"
	"strings"
)

// ConfigError is one mistake in a Config. New, Reconfigure and ParseConfig join all of them, with errors.Join.
type ConfigError struct {
	Code       ErrorCode // the kind of mistake
	Field      string    // of Config, such as "AllowOrigins"; where ParseConfig finds none of that name, as written
	Index      int       // in the field's list, or -1
	Value      string    // as it is in the Config
	Reason     string    // goes on where a sentence that begins with the value stops
	Suggestion string    // what was probably meant, and would be accepted in its place, or ""
}

// Error returns a sentence that says what is wrong, where, and what would be right where that can be told.
func (e *ConfigError) Error() string {
	sentence := e.Field + ":"
	if e.Index >= 0 {
		sentence = fmt.Sprintf("%s[%d]: %s", e.Field, e.Index, quoted(e.Value))
	} else if e.Value != "" {
		sentence += " " + e.Value
	}
	sentence += " " + e.Reason
	if e.Suggestion != "" {
		sentence += fmt.Sprintf(": did you mean %q?", e.Suggestion)
	}
	return sentence
}

// quoted returns s between quotes, cut where it is too long to be read.
func quoted(s string) string {
	const longest = 100
	if len(s) <= longest {
		return strconv.Quote(s)
	}
	return strconv.Quote(strings.ToValidUTF8(s[:longest], "")) + "..."
}

// ErrorCode names a kind of mistake, for programs that translate messages or point at a form's fields. A code
// does not change once it is released, other than Reason, which is for people.
type ErrorCode string

// Mistakes in a value of any list.
const (
	CodeValueEmpty     ErrorCode = "value_empty"      // nothing, or white space
	CodeValueQuoted    ErrorCode = "value_quoted"     // quotes, or a whole list, in a string
	CodeValueSpaced    ErrorCode = "value_spaced"     // white space or separators around it
	CodeValueTooLong   ErrorCode = "value_too_long"   // longer than anything of its kind
	CodeValueUnset     ErrorCode = "value_unset"      // undefined, ${VARIABLE} and the like
	CodeSeveralValues  ErrorCode = "several_values"   // "a, b" in one string
	CodeWildcardInName ErrorCode = "wildcard_in_name" // X-*, where "*" stands alone
)

// Mistakes in AllowOrigins.
const (
	CodeNoOrigins              ErrorCode = "no_origins"
	CodeWildcardNotAlone       ErrorCode = "wildcard_not_alone" // "*" beside other origins, or an AllowOriginFunc
	CodeNullMisspelled         ErrorCode = "null_misspelled"
	CodeOriginWithoutScheme    ErrorCode = "origin_without_scheme"
	CodeOriginHasUserInfo      ErrorCode = "origin_has_user_info"
	CodeOriginHasPath          ErrorCode = "origin_has_path"
	CodeOriginHasQuery         ErrorCode = "origin_has_query"
	CodeOriginHasFragment      ErrorCode = "origin_has_fragment"
	CodeOriginUpperCase        ErrorCode = "origin_upper_case"
	CodeSchemeMalformed        ErrorCode = "scheme_malformed"
	CodeSchemeSeparator        ErrorCode = "scheme_separator" // something other than "://" behind it
	CodeSchemeTwice            ErrorCode = "scheme_twice"
	CodeSchemeMisspelled       ErrorCode = "scheme_misspelled" // htps
	CodeSchemeNeverSent        ErrorCode = "scheme_never_sent" // ws, data and others that no page has
	CodeWildcardInScheme       ErrorCode = "wildcard_in_scheme"
	CodeWildcardMisplaced      ErrorCode = "wildcard_misplaced"
	CodeWildcardInPort         ErrorCode = "wildcard_in_port" // 80*
	CodePortBesideAnyHost      ErrorCode = "port_beside_any_host"
	CodePortEmpty              ErrorCode = "port_empty"
	CodePortMalformed          ErrorCode = "port_malformed"
	CodePortOutOfRange         ErrorCode = "port_out_of_range"
	CodePortLeadingZero        ErrorCode = "port_leading_zero"
	CodePortDefault            ErrorCode = "port_default"
	CodeSeveralPorts           ErrorCode = "several_ports"
	CodeHostEmpty              ErrorCode = "host_empty"
	CodeHostUnicode            ErrorCode = "host_unicode"
	CodeHostMalformed          ErrorCode = "host_malformed"
	CodeHostTooLong            ErrorCode = "host_too_long"
	CodeLabelTooLong           ErrorCode = "label_too_long"
	CodeLabelNotPunycode       ErrorCode = "label_not_punycode" // begins with xn--, and is no such name
	CodeIPv4Malformed          ErrorCode = "ipv4_malformed"
	CodeIPv6Malformed          ErrorCode = "ipv6_malformed"
	CodeSubdomainsOfAddress    ErrorCode = "subdomains_of_address"
	CodeAddressRange           ErrorCode = "address_range"
	CodeRegularExpression      ErrorCode = "regular_expression"
	CodeWildcardPrivateNetwork ErrorCode = "wildcard_with_private_network"
)

// Mistakes with AllowCredentials.
const (
	CodeWildcardWithCredentials     ErrorCode = "wildcard_with_credentials" // also of ExposeHeaders
	CodeNullWithCredentials         ErrorCode = "null_with_credentials"
	CodeInsecureWithCredentials     ErrorCode = "insecure_origin_with_credentials"
	CodePublicSuffixWithCredentials ErrorCode = "public_suffix_with_credentials"
)

// Mistakes in AllowMethods, AllowHeaders, ExposeHeaders and VaryBy.
const (
	CodeMethodMalformed   ErrorCode = "method_malformed"
	CodeMethodForbidden   ErrorCode = "method_forbidden" // a browser never sends it
	CodeMethodLowerCase   ErrorCode = "method_lower_case"
	CodeHeaderMalformed   ErrorCode = "header_malformed"
	CodeHeaderHasValue    ErrorCode = "header_has_value"
	CodeHeaderForbidden   ErrorCode = "header_forbidden" // a browser never asks for it, or shows it
	CodeHeaderOfRequests  ErrorCode = "header_of_requests"
	CodeHeaderOfResponses ErrorCode = "header_of_responses"
	CodeHeaderOfCORS      ErrorCode = "header_of_cors" // Access-Control-*, which are the middleware's
)

// Mistakes in numbers.
const (
	CodeMaxAgeTooLong   ErrorCode = "max_age_too_long"
	CodePreflightStatus ErrorCode = "preflight_status_not_ok"
)

// Mistakes that ParseConfig finds.
const (
	CodeJSONMalformed ErrorCode = "json_malformed"
	CodeFieldUnknown  ErrorCode = "field_unknown"
	CodeFieldTwice    ErrorCode = "field_twice"
	CodeFieldType     ErrorCode = "field_type" // a string for a list, and the like
)
