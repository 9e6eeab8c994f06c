vcl 4.1;

backend default {
    .host = "UPSTREAM_HOST";
    .port = "UPSTREAM_PORT";
}

sub vcl_deliver {
    if (obj.ttl < 0s) {
        set resp.http.X-Cache = "STALE";
    }
}
