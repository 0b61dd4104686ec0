//go:build tools

// Package tools names the programs of Kubernetes that the tests of the cluster build.
package tools

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
