// The cases, as data. Each has
//
//   title, why   what to read beside it
//   path         of the API
//   request      what fetch is given beside the URL
//   form         in place of request: the fields of a form on the other site, which is submitted in a frame
//   times        how often it is fetched, once if not given
//   isProtected  whether the API refuses requests of pages that it does not trust
//   policy       "all" origins, or "ours": this page's, where it was opened by the allowed origin
//   expect       what should come of it, where the policy allows the page's origin:
//     acted        of forms: whether the API acts on it; its response has this
//     readable     of the others: whether script gets the response, which then has this
//     status       and these
//     reads        headers by name, null for those that it is not shown
//     preflights   how many were sent, the first answered with
//     preflightStatus
//     granted      and these headers
//     debugged     in debug mode, these, with status 204
//     handled      how many requests reached the API's handler, the last of which had
//     received     these headers, and was answered with
//     sent         these, null for none
//     cookie       what document.cookie holds in the end
//
// page is the page's origin, other the origin of the other site.

export function scenarios({ page, other }) {
  return [
    {
      title: "Simple requests",
      about: "What an HTML form could send as well, a browser sends right away. The response's headers decide "
        + "whether the page may read it.",
      cases: [
        {
          title: "Data for every origin",
          why: "The policy is “*”. The response is the same for everybody, and caches need not tell origins apart.",
          path: "/resources/public-data/",
          request: {},
          policy: "all",
          expect: {
            readable: true, status: 200, preflights: 0, handled: 1,
            sent: { "access-control-allow-origin": "*", "vary": null },
          },
        },
        {
          title: "Data for listed origins",
          why: "The policy lists origins. The response names the one that asked, and Vary tells caches so.",
          path: "/resources/partner-data/",
          request: {},
          policy: "ours",
          expect: {
            readable: true, status: 200, preflights: 0, handled: 1,
            sent: { "access-control-allow-origin": page, "vary": "Origin" },
          },
        },
        {
          title: "Data for another origin",
          why: "The policy lists one origin, and this page’s is not it. The handler runs all the same (CORS is no access "
            + "control), but the browser keeps the response from the page.",
          path: "/resources/bar-data/",
          request: {},
          policy: "other",
          expect: {
            readable: false, preflights: 0, handled: 1,
            sent: { "access-control-allow-origin": null, "vary": "Origin" },
          },
        },
      ],
    },
    {
      title: "Preflighted requests",
      about: "What only script can send needs permission. The browser asks for it with an OPTIONS request, the preflight, "
        + "which the middleware answers itself.",
      cases: [
        {
          title: "XML and a header of one’s own",
          why: "The handler sets Vary: Accept-Encoding. The middleware adds to that, and takes nothing away.",
          path: "/doc",
          request: {
            method: "POST",
            headers: { "Content-Type": "text/xml; charset=UTF-8", "X-PINGOTHER": "pingpong" },
            body: "<person><name>Arun</name></person>",
          },
          policy: "ours",
          expect: {
            readable: true, status: 200, preflights: 1, preflightStatus: 204, handled: 1,
            granted: {
              "access-control-allow-origin": page,
              "access-control-allow-methods": "POST,GET,OPTIONS",
              "access-control-allow-headers": "content-type,x-pingother",
              "access-control-max-age": "86400",
            },
            received: { "x-pingother": "pingpong", "content-type": "text/xml; charset=UTF-8" },
            sent: { "access-control-allow-origin": page, "vary": "Accept-Encoding, Origin" },
          },
        },
        {
          title: "Permission is remembered",
          why: "The answer lists all that is allowed, not only what was asked for. So the browser asks once for each "
            + "URL, for as long as Access-Control-Max-Age says.",
          path: "/doc",
          times: 2,
          request: {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: "{}",
          },
          policy: "ours",
          expect: { readable: true, status: 200, preflights: 1, preflightStatus: 204, handled: 2 },
        },
        {
          title: "A header that is not listed",
          why: "The policy lists X-PINGOTHER and Content-Type alone. The request is never sent.",
          path: "/doc",
          request: { method: "POST", headers: { "X-Unlisted": "1" }, body: "hello" },
          policy: "ours",
          expect: {
            readable: false, preflights: 1, preflightStatus: 403, handled: 0,
            granted: { "access-control-allow-origin": null, "access-control-allow-headers": null },
            debugged: {
              "access-control-allow-origin": page,
              "access-control-allow-methods": "POST,GET,OPTIONS",
              "access-control-allow-headers": "content-type,x-pingother",
            },
          },
        },
        {
          title: "A method that is not listed",
          why: "The policy lists POST, GET and OPTIONS.",
          path: "/doc",
          request: { method: "DELETE" },
          policy: "ours",
          expect: {
            readable: false, preflights: 1, preflightStatus: 403, handled: 0,
            granted: { "access-control-allow-origin": null, "access-control-allow-methods": null },
            debugged: { "access-control-allow-origin": page, "access-control-allow-methods": null },
          },
        },
        {
          title: "A method, for another origin",
          why: "Unlike a simple request, this one does not even reach the handler.",
          path: "/resources/bar-data/",
          request: { method: "PUT", body: "hello" },
          policy: "other",
          expect: {
            readable: false, preflights: 1, preflightStatus: 403, handled: 0,
            granted: { "access-control-allow-origin": null },
          },
        },
      ],
    },
    {
      title: "Requests with credentials",
      about: "With credentials: \"include\" the browser sends cookies along. The API has to agree to that in so many "
        + "words, and “*” is not enough.",
      cases: [
        {
          title: "A cookie goes there, another comes back",
          why: "No script can see Set-Cookie, but the browser obeys it: the handler has counted the visit.",
          path: "/resources/credentialed-content/",
          request: { credentials: "include" },
          cookie: "pageAccess=2",
          policy: "ours",
          expect: {
            readable: true, status: 200, preflights: 0, handled: 1,
            received: { "cookie": "pageAccess=2" },
            sent: {
              "access-control-allow-origin": page,
              "access-control-allow-credentials": "true",
              "set-cookie": "pageAccess=3; path=/; SameSite=Lax",
              "vary": "Origin",
            },
            reads: { "set-cookie": null },
            cookie: "pageAccess=3",
          },
        },
        {
          title: "Credentials for every origin",
          why: "The policy is “*”: the browser keeps the response from a page that sent credentials.",
          path: "/resources/public-data/",
          request: { credentials: "include" },
          policy: "all",
          expect: {
            readable: false, preflights: 0, handled: 1,
            sent: { "access-control-allow-origin": "*", "access-control-allow-credentials": null },
          },
        },
        {
          title: "Credentials that nobody has allowed",
          why: "The policy lists the page’s origin, but does not set AllowCredentials.",
          path: "/resources/partner-data/",
          request: { credentials: "include" },
          policy: "ours",
          expect: {
            readable: false, preflights: 0, handled: 1,
            sent: { "access-control-allow-origin": page, "access-control-allow-credentials": null },
          },
        },
      ],
    },
    {
      title: "What script reads",
      about: "A page that may read a response gets its status, its body and a few headers. The rest has to be exposed, "
        + "and errors have to carry the same headers as everything else.",
      cases: [
        {
          title: "An exposed header",
          why: "The handler sets X-Request-Id and X-Shard. The policy exposes the first.",
          path: "/resources/partner-data/",
          request: {},
          policy: "ours",
          expect: {
            readable: true, status: 200, preflights: 0, handled: 1,
            sent: { "access-control-expose-headers": "X-Request-Id", "x-shard": "b3" },
            reads: { "x-request-id": "17", "x-shard": null, "content-type": "application/json" },
          },
        },
        {
          title: "An error",
          why: "The handler calls ctx.Error, which resets the response. The headers are written after that, so that script "
            + "learns what went wrong.",
          path: "/broken",
          request: {},
          policy: "ours",
          expect: {
            readable: true, status: 503, preflights: 0, handled: 1,
            sent: { "access-control-allow-origin": page, "vary": "Origin" },
          },
        },
        {
          title: "A timeout",
          why: "The handler sits in a timeout handler of fasthttp, and is too slow.",
          path: "/slow",
          request: {},
          policy: "ours",
          expect: {
            readable: true, status: 504, preflights: 0, handled: 1,
            sent: { "access-control-allow-origin": page, "vary": "Origin" },
          },
        },
        {
          title: "Nothing there",
          why: "Without the headers, script could not tell a wrong path from a server that is down.",
          path: "/no/such/path",
          request: {},
          policy: "ours",
          expect: {
            readable: true, status: 404, preflights: 0, handled: 1,
            sent: { "access-control-allow-origin": page, "vary": "Origin" },
          },
        },
      ],
    },
    {
      title: "What CORS does not do",
      about: "A form is sent without asking, to any site. CORS keeps the page from reading the answer, and by then the API "
        + "has acted. Cross-origin protection refuses such requests.",
      cases: [
        {
          title: "A form on another site",
          why: "The policy does not list that site, and the browser shows it no answer. The money is gone all the same.",
          path: "/transfer",
          form: { to: "mallory", amount: "100" },
          policy: "other",
          expect: {
            acted: true, status: 200, preflights: 0, handled: 1,
            received: { "origin": other },
            sent: { "access-control-allow-origin": null, "vary": "Origin" },
          },
        },
        {
          title: "The same form, refused",
          why: "The handler is wrapped with package crossorigin, which trusts the origins that the policy lists with "
            + "credentials. The browser says where the form comes from: in Sec-Fetch-Site, or else in Origin.",
          path: "/protected/transfer",
          form: { to: "mallory", amount: "100" },
          policy: "other",
          expect: {
            acted: false, status: 403, preflights: 0, handled: 0,
            received: { "origin": other },
            sent: { "access-control-allow-origin": null, "vary": "Origin" },
          },
        },
        {
          title: "The same, from this page",
          why: "The policy lists this page’s origin, with credentials. So it may act for its visitors, here as with CORS.",
          path: "/protected/transfer",
          request: { method: "POST", body: "to=alice&amount=100", headers: { "Content-Type": "application/x-www-form-urlencoded" } },
          policy: "ours",
          isProtected: true,
          expect: {
            readable: true, status: 200, preflights: 0, handled: 1,
            sent: { "access-control-allow-origin": page, "vary": "Origin" },
          },
        },
      ],
    },
  ];
}

// forStranger returns the case as it should come out where the page has an origin that the policy does not allow.
export function forStranger(scenario) {
  const { expect, times = 1 } = scenario;
  if (scenario.policy !== "ours") {
    return scenario;
  }
  if (expect.preflights > 0) {
    return {
      ...scenario,
      why: "The policy does not list this page’s origin. The preflight is refused, and nothing else is sent.",
      expect: {
        readable: false, preflights: times, preflightStatus: 403, handled: 0,
        granted: { "access-control-allow-origin": null },
      },
    };
  }
  return {
    ...scenario,
    why: scenario.isProtected
      ? "The policy does not list this page’s origin. The request is refused, and script cannot even read that it was."
      : "The policy does not list this page’s origin. The response lacks the header that would let script read it.",
    expect: {
      readable: false, preflights: 0, handled: scenario.isProtected ? 0 : times,
      sent: { "access-control-allow-origin": null, "access-control-allow-credentials": null, "vary": "Origin" },
    },
  };
}

// forDebugger returns the case as it should come out in debug mode: a preflight fails as before, but its answer has
// what does not fail it.
export function forDebugger(scenario) {
  const { expect } = scenario;
  if (expect.preflightStatus !== 403) {
    return scenario;
  }
  return { ...scenario, expect: { ...expect, preflightStatus: 204, granted: expect.debugged ?? expect.granted } };
}
