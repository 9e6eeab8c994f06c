vcl 4.1;

backend default {
    .host = "UPSTREAM_HOST";
    .port = "UPSTREAM_PORT";
}

sub vcl_recv {
    if (req.method == "OPTIONS" && req.http.Origin && req.http.Access-Control-Request-Method) {
        return (hash);
    }
}

sub vcl_hash {
    hash_data(req.method);
}

sub vcl_backend_fetch {
    if (bereq.http.Origin && bereq.http.Access-Control-Request-Method) {
        set bereq.method = "OPTIONS";
    }
}

sub vcl_backend_response {
    if (bereq.method == "OPTIONS") {
        set beresp.ttl = 60s;
    }
}
