{{/* The settings of `signet serve`, under the names that its table of settings has. */}}
{{- define "signet.config" -}}
{{- $v := .Values }}
{{- $config := dict
  "noMatch" $v.policy.noMatch
  "unpinned" $v.policy.unpinned
  "reverifyUnchanged" $v.policy.reverifyUnchanged
  "warnBefore" $v.policy.warnBefore
  "dryRun" $v.policy.dryRun
  "events" $v.events.enabled
  "listen" (printf "%s:%v" $v.server.address $v.webhook.port)
  "healthListen" (printf "%s:%v" $v.server.address $v.webhook.healthPort)
  "metricsListen" (printf "%s:%v" ($v.metrics.enabled | ternary $v.server.address "127.0.0.1") $v.metrics.port)
  "mutation" (pick $v.mutation "scope" "format" "stickyDigest" "excludeImages")
  "cache" $v.cache
  "log" $v.logging
  "server" (include "signet.serverConfig" . | fromYaml)
  "tls" (include "signet.tlsConfig" . | fromYaml)
  "registry" (include "signet.registryConfig" . | fromYaml)
  "kubernetes" (dict
    "enabled" true
    "name" (include "signet.fullname" .)
    "namespace" (include "signet.namespace" .)
    "webhookConfigurations" (list (include "signet.fullname" .))
    "failurePolicy" (lower $v.webhook.validatePods.failurePolicy)) }}
{{- if or $v.policies $v.trustRoots }}
{{- $_ := set $config "policy" (list "/etc/signet/policies") }}
{{- end }}
{{- with $v.webhook.extraResources }}
{{- $_ := set $config "webhook" (dict "extraResources" .) }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{- define "signet.serverConfig" -}}
reviews: {{ int64 .Values.server.reviews }}
bodyBytes: {{ int64 .Values.server.bodyBytes }}
connections: {{ int64 .Values.server.connections }}
connectionsPerSource: {{ int64 .Values.server.connectionsPerSource }}
defaultTimeout: {{ .Values.server.defaultTimeout }}
maxWork: {{ .Values.server.maxWork }}
shutdownDelay: {{ .Values.shutdown.delay }}
drainTimeout: {{ .Values.shutdown.drainTimeout }}
{{- end }}

{{- define "signet.tlsConfig" -}}
{{- $tls := .Values.tls }}
minVersion: {{ $tls.minVersion | quote }}
{{- if or (eq $tls.mode "selfManaged") (not .Values.webhook.url) }}
service: {{ include "signet.fullname" . }}
{{- end }}
{{- if eq $tls.mode "selfManaged" }}
selfManaged: true
caValidity: {{ $tls.selfManaged.caValidity }}
leafValidity: {{ $tls.selfManaged.leafValidity }}
caPropagationDelay: {{ $tls.selfManaged.caPropagationDelay }}
{{- with concat ($tls.selfManaged.names | default list) (compact (list (include "signet.hostOfUrl" .))) | uniq }}
names:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- else if eq $tls.mode "files" }}
cert: {{ $tls.files.cert }}
key: {{ $tls.files.key }}
{{- else }}
cert: /etc/signet/tls/tls.crt
key: /etc/signet/tls/tls.key
{{- end }}
{{- if $tls.clientAuth.enabled }}
clientCa: /etc/signet/client-ca/{{ $tls.clientAuth.key }}
{{- with $tls.clientAuth.allowedNames }}
clientNames:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "signet.hostOfUrl" -}}
{{- with .Values.webhook.url }}{{ (urlParse .).hostname }}{{ end }}
{{- end }}

{{- define "signet.registryConfig" -}}
{{- $registry := .Values.registry }}
{{- range $name := list "allowedHosts" "plainHttp" "allowPrivate" "authRealms" "credentialSecrets" }}
{{- with get $registry $name }}
{{ $name }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
realmScope: {{ $registry.realmScope }}
replyBytes: {{ int64 $registry.replyBytes }}
pullSecrets:
  mode: {{ $registry.pullSecrets.mode }}
  {{- range $name := list "names" "namespaces" }}
  {{- with get $registry.pullSecrets $name }}
  {{ $name }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- with $registry.ca }}
ca:
  {{- range $at, $ca := . }}
  {{- $file := printf "/etc/signet/registry-ca/%d.pem" $at }}
  - {{ if $ca.host }}{{ dict "host" $ca.host "file" $file | toJson }}{{ else }}{{ $file }}{{ end }}
  {{- end }}
{{- end }}
{{- end }}
