vcl 4.1;

backend default {
    .host = "UPSTREAM_HOST";
    .port = "UPSTREAM_PORT";
}

sub vcl_recv {
    unset req.http.Origin;
}
