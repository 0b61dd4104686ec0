{{/* What ServiceMonitor and PodMonitor share. Usage: include "signet.endpoint" (list . VALUES) */}}
{{- define "signet.endpoint" -}}
{{- $monitor := index . 1 -}}
- port: metrics
  path: /metrics
  interval: {{ $monitor.interval }}
  scrapeTimeout: {{ $monitor.scrapeTimeout }}
  honorLabels: {{ $monitor.honorLabels }}
  {{- range $name := list "relabelings" "metricRelabelings" }}
  {{- with get $monitor $name }}
  {{ $name }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end }}

{{- define "signet.monitorMetadata" -}}
{{- $root := index . 0 }}
{{- $monitor := index . 1 }}
{{- include "signet.metadata" (dict "root" $root "name" (include "signet.fullname" $root) "namespace" $monitor.namespace
  "component" "metrics" "labels" $monitor.labels "annotations" $monitor.annotations) }}
{{- end }}

{{- define "signet.monitorSpec" -}}
{{- $root := index . 0 }}
{{- $monitor := index . 1 -}}
jobLabel: {{ $monitor.jobLabel }}
{{- with $monitor.sampleLimit }}
sampleLimit: {{ int64 . }}
{{- end }}
namespaceSelector:
  matchNames: [{{ include "signet.namespace" $root }}]
{{- end }}
