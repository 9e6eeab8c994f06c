package main

import (
	"context"
	"errors"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/bytecors/cors/corswatch"
)

// source is the document under a key. Its version is the revision of etcd at which the key was changed last, which
// is the same for every replica and never comes back.
type source struct {
	client *clientv3.Client
	key    string
}

// Next implements corswatch.Source.
func (s source) Next(ctx context.Context, version string) (corswatch.Document, error) {
	got, err := s.client.Get(ctx, s.key)
	if err != nil {
		return corswatch.Document{}, err
	}
	if len(got.Kvs) == 0 {
		return corswatch.Document{}, fmt.Errorf("etcd has no key %s", s.key)
	}
	if d := document(got.Kvs[0].ModRevision, got.Kvs[0].Value); d.Version != version {
		return d, nil
	}
	watching, stop := context.WithCancel(clientv3.WithRequireLeader(ctx))
	defer stop()
	for response := range s.client.Watch(watching, s.key, clientv3.WithRev(got.Header.Revision+1)) {
		if err := response.Err(); err != nil {
			return corswatch.Document{}, err
		}
		for _, event := range response.Events {
			if event.Type == clientv3.EventTypePut {
				return document(event.Kv.ModRevision, event.Kv.Value), nil
			}
			return corswatch.Document{}, fmt.Errorf("etcd has no key %s any more", s.key)
		}
	}
	return corswatch.Document{}, errors.Join(ctx.Err(), errors.New("etcd watches no longer"))
}

func document(revision int64, data []byte) corswatch.Document {
	return corswatch.Document{Version: fmt.Sprint(revision), Data: data}
}
