vcl 4.1;

backend default {
    .host = "UPSTREAM_HOST";
    .port = "UPSTREAM_PORT";
}

sub vcl_backend_response {
    if (beresp.http.Content-Type ~ "text") {
        set beresp.do_gzip = true;
    }
}
