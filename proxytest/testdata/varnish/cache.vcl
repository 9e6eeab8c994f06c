vcl 4.1;

backend default {
    .host = "UPSTREAM_HOST";
    .port = "UPSTREAM_PORT";
}

sub vcl_backend_response {
    set beresp.grace = 0s;
    set beresp.keep = 1h;
}
