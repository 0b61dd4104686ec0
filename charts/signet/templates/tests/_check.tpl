{{/* The objects of `helm test`: made for it, and gone when it passed. Usage: (dict "root" . "cluster" true "weight" "-1") */}}
{{- define "signet.testMetadata" -}}
{{- include "signet.metadata" (merge (dict "name" (printf "%s-check" (include "signet.fullname" .root)) "component" "check"
  "annotations" (dict "helm.sh/hook" "test" "helm.sh/hook-weight" (.weight | default "-1")
    "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded")) .) }}
{{- end }}

{{/* Whether it has an account of its own; where rights are made by somebody else it takes that of the release. */}}
{{- define "signet.testOwnAccount" -}}
{{- if and .Values.rbac.create .Values.serviceAccount.create }}true{{ end }}
{{- end }}

{{- define "signet.testAccount" -}}
{{- if include "signet.testOwnAccount" . }}{{ include "signet.fullname" . }}-check
{{- else }}{{ include "signet.serviceAccount" . }}
{{- end }}
{{- end }}

{{/* Its Pod, for the NetworkPolicy. */}}
{{- define "signet.testPeer" -}}
- podSelector:
    matchLabels:
      {{- merge (dict "app.kubernetes.io/component" "check") (include "signet.selector" . | fromYaml) | toYaml | nindent 6 }}
{{- end }}
