vcl 4.1;

backend default {
    .host = "UPSTREAM_HOST";
    .port = "UPSTREAM_PORT";
}

sub vcl_backend_error {
    if (bereq.http.Origin ~ "^https://[a-z]+\.app\.example$") {
        set beresp.http.Access-Control-Allow-Origin = bereq.http.Origin;
    }
    set beresp.http.Vary = "Origin";
}
