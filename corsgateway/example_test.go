package corsgateway_test

import (
	"errors"
	"fmt"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corsgateway"
)

// What stands below "cors" in a filter of an HTTPRoute.
const filter = `
allowOrigins:
- https://app.example.com
- https://*.Partner.example:443
allowMethods: [PUT, TRACE]
allowHeaders: [Content-Type]
`

func ExampleFromFilter() {
	c, notes, err := corsgateway.FromFilter([]byte(filter))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, note := range notes {
		fmt.Println(note)
	}
	m := cors.MustNew(c)
	fmt.Println(m.Config().AllowOrigins, m.Config().AllowMethods, m.Config().MaxAge)
	// Output:
	// allowOrigins[1]: "https://*.Partner.example:443" is read as "https://*.partner.example", which is how browsers write it
	// allowMethods[1]: "TRACE" is left out, since it is a method that browsers never send for a page
	// [https://app.example.com https://*.partner.example] [PUT] 5
}

func ExampleFromFilter_danger() {
	everyone := []byte(`{"allowOrigins": ["*"], "allowCredentials": true}`)
	_, _, err := corsgateway.FromFilter(everyone)
	var mistake *corsgateway.FilterError
	fmt.Println(errors.As(err, &mistake), mistake.Field, mistake.Value)

	c, _, err := corsgateway.FromFilter(everyone, corsgateway.DangerouslyAllowAnyOriginWithCredentials)
	fmt.Println(c.AllowOrigins, err)
	// Output:
	// true allowOrigins *
	// [*] <nil>
}
