{{/* Names. The longest suffix, "-namespace-guard", must still fit into 63 characters. */}}
{{- define "signet.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 47 | trimSuffix "-" }}
{{- end }}

{{- define "signet.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 47 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}{{ .Release.Name | trunc 47 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name $name | trunc 47 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "signet.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "signet.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "signet.fullname" .) .Values.serviceAccount.name }}
{{- else }}{{ .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "signet.certificate" -}}
{{ include "signet.fullname" . }}-webhook-tls
{{- end }}

{{/* A value as YAML in which templates are filled in. Usage: include "signet.filled" (list . VALUE) */}}
{{- define "signet.filled" -}}
{{- $text := toYaml (index . 1) }}
{{- if contains "{{" $text }}{{ tpl $text (index . 0) }}{{ else }}{{ $text }}{{ end }}
{{- end }}

{{/* What a selector names: it cannot change later, hence little. */}}
{{- define "signet.selector" -}}
app.kubernetes.io/name: {{ include "signet.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: webhook
{{- end }}

{{/* The name, namespace, labels and annotations of an object.
     Usage: include "signet.metadata" (dict "root" . "name" N), with "cluster" true for one outside of namespaces,
     "namespace", "component", "labels", "annotations". */}}
{{- define "signet.metadata" -}}
{{- $root := .root }}
{{- $labels := dict
  "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63)
  "app.kubernetes.io/name" (include "signet.name" $root)
  "app.kubernetes.io/instance" $root.Release.Name
  "app.kubernetes.io/version" $root.Chart.AppVersion
  "app.kubernetes.io/component" (default "webhook" .component)
  "app.kubernetes.io/part-of" "signet"
  "app.kubernetes.io/managed-by" $root.Release.Service }}
{{- $given := merge (dict) (.labels | default dict) ($root.Values.global.commonLabels | default dict) }}
{{- $labels = merge (include "signet.filled" (list $root $given) | fromYaml) $labels }}
{{- $annotations := merge (dict) (.annotations | default dict) ($root.Values.global.commonAnnotations | default dict) -}}
name: {{ .name }}
{{- if not .cluster }}
namespace: {{ .namespace | default (include "signet.namespace" $root) }}
{{- end }}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- include "signet.filled" (list $root .) | nindent 2 }}
{{- end }}
{{- end }}

{{/* repo:tag@digest; the digest wins, the tag stays to be read. */}}
{{- define "signet.image" -}}
{{- $registry := default .Values.image.registry .Values.global.imageRegistry }}
{{- with $registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* Milliseconds of a span such as "1m30s". */}}
{{- define "signet.milliseconds" -}}
{{- $units := dict "h" 3600000.0 "m" 60000.0 "s" 1000.0 "ms" 1.0 }}
{{- $sum := 0.0 }}
{{- range regexFindAll "[0-9.]+[a-z]+" (toString .) -1 }}
{{- $sum = addf $sum (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-z]+" .))) }}
{{- end }}
{{- $sum | int64 }}
{{- end }}

{{/* The first part of a path of values that is not there; nothing where all of it is.
     Usage: include "signet.missing" (list .Values "tls.mode") */}}
{{- define "signet.missing" -}}
{{- $at := index . 0 }}
{{- $path := list }}
{{- $missing := "" }}
{{- range splitList "." (index . 1) }}
{{- $path = append $path . }}
{{- if not $missing }}
{{- if not (kindIs "map" $at) }}{{ $missing = initial $path | join "." }}
{{- else if not (hasKey $at .) }}{{ $missing = join "." $path }}
{{- else }}{{ $at = get $at . }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (not $missing) (kindIs "invalid" $at) }}{{ $missing = join "." $path }}{{ end }}
{{- $missing }}
{{- end }}

{{/* How many replicas there are at least. */}}
{{- define "signet.replicas" -}}
{{- ternary .Values.autoscaling.minReplicas .Values.replicaCount .Values.autoscaling.enabled | int }}
{{- end }}

{{/* ---- the webhook configurations */}}

{{- define "signet.client" -}}
{{- $root := index . 0 }}
{{- if $root.Values.webhook.url }}
url: {{ trimSuffix "/" $root.Values.webhook.url }}{{ index . 1 }}
{{- else }}
service:
  name: {{ include "signet.fullname" $root }}
  namespace: {{ include "signet.namespace" $root }}
  path: {{ index . 1 }}
  port: {{ $root.Values.service.port }}
{{- end }}
{{- with $root.Values.tls.caBundle }}
caBundle: {{ b64enc . }}
{{- end }}
{{- end }}

{{/* Which namespaces are asked about. What stands here can be narrowed and never be taken away. */}}
{{- define "signet.namespaces" -}}
{{- $own := list (include "signet.namespace" .) -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values:
      {{- concat $own (.Values.webhook.excludedNamespaces | default list) | uniq | toYaml | nindent 6 }}
  {{- if eq .Values.webhook.namespaceMode "optIn" }}
  - key: signet.dev/enforce
    operator: In
    values: ["true", "warn"]
  {{- else }}
  - key: signet.dev/exempt
    operator: NotIn
    values: ["true"]
  {{- end }}
  {{- with (.Values.webhook.namespaceSelector | default dict).matchExpressions }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with (.Values.webhook.namespaceSelector | default dict).matchLabels }}
matchLabels:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* "every container of this list has one of its name with the same image in the old object" */}}
{{- define "signet.sameImages" -}}
object.{{ .spec }}.{{ .kind }}.all(c, oldObject.{{ .spec }}.{{ .kind }}.exists(o, o.name == c.name
  && has(o.image) == has(c.image) && (!has(c.image) || o.image == c.image)))
{{- end }}

{{/* Whether a request can bring in an image. `||` absorbs errors only where the other side is true, so that the
     operation comes first. */}}
{{- define "signet.imageChanged" -}}
request.operation != 'UPDATE' || !(
  {{ include "signet.sameImages" (dict "spec" . "kind" "containers") }}
  {{- $spec := . }}
  {{- range list "initContainers" "ephemeralContainers" }}
  && (!has(object.{{ $spec }}.{{ . }}) || has(oldObject.{{ $spec }}.{{ . }})
  && {{ include "signet.sameImages" (dict "spec" $spec "kind" .) }})
  {{- end }}
  && (!has(object.{{ . }}.volumes) || object.{{ . }}.volumes.all(v, !has(v.image)
  || (has(oldObject.{{ . }}.volumes) && oldObject.{{ . }}.volumes.exists(o, o.name == v.name && has(o.image)
  && has(o.image.reference) && has(v.image.reference) && o.image.reference == v.image.reference)))))
{{- end }}

{{/* The conditions of one webhook. "spec" is where the Pod's spec lies; without it the kind has no condition of its own. */}}
{{- define "signet.conditions" -}}
{{- $webhook := .root.Values.webhook }}
{{- $again := .root.Values.policy.reverifyUnchanged }}
{{- if and .spec $webhook.skipUnchanged (or (eq $again "false") (and (eq $again "workloads") (eq .spec "spec"))) }}
- name: create-or-image-changed
  expression: >-
    {{- include "signet.imageChanged" .spec | nindent 4 }}
{{- end }}
{{- if eq (default "" .spec) "spec" }}
- name: not-a-mirror-pod
  expression: >-
    !(has(object.metadata.annotations) && 'kubernetes.io/config.mirror' in object.metadata.annotations
      && has(request.userInfo.groups) && 'system:nodes' in request.userInfo.groups)
{{- end }}
{{- if $webhook.bypassAuthorizer }}
- name: not-bypassed
  expression: >-
    !authorizer.group('signet.dev').resource('trustpolicies').check('bypass').allowed()
{{- end }}
{{- with $webhook.extraMatchConditions }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* One webhook. "name", "path", "rules", "how" (failurePolicy, timeoutSeconds), "sideEffects", "spec" */}}
{{- define "signet.webhook" -}}
- name: {{ .name }}.signet.dev
  admissionReviewVersions: [v1]
  clientConfig:
    {{- include "signet.client" (list .root .path) | trim | nindent 4 }}
  rules:
    {{- range .rules }}
    - apiGroups: [{{ .group | quote }}]
      apiVersions: {{ .versions | default (list "v1") | toJson }}
      operations: {{ .operations | default (list "CREATE" "UPDATE") | toJson }}
      resources: {{ .resources | toJson }}
      scope: {{ .scope | default "Namespaced" | quote }}
    {{- end }}
  matchPolicy: Equivalent
  failurePolicy: {{ .how.failurePolicy }}
  timeoutSeconds: {{ .how.timeoutSeconds }}
  sideEffects: {{ .sideEffects }}
  {{- if not .everywhere }}
  namespaceSelector:
    {{- include "signet.namespaces" .root | nindent 4 }}
  {{- with .root.Values.webhook.objectSelector }}
  objectSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "signet.conditions" . | trim }}
  matchConditions:
    {{- nindent 4 . }}
  {{- end }}
  {{- end }}
{{- end }}

{{- define "signet.podRules" -}}
- {group: "", resources: [pods]}
- {group: "", resources: [pods/ephemeralcontainers], operations: [UPDATE]}
{{- end }}

{{/* Annotations and labels of both configurations. */}}
{{- define "signet.configurationMetadata" -}}
{{- $annotations := dict }}
{{- if eq .Values.tls.mode "certManager" }}
{{- $_ := set $annotations "cert-manager.io/inject-ca-from"
  (printf "%s/%s" (include "signet.namespace" .) (include "signet.certificate" .)) }}
{{- end }}
{{- include "signet.metadata" (dict "root" . "name" (include "signet.fullname" .) "cluster" true
  "labels" .Values.webhook.labels "annotations" (merge $annotations (.Values.webhook.annotations | default dict))) }}
{{- end }}
