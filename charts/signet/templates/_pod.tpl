{{/* The spec of the Pods: where they run. */}}
{{- define "signet.podSpec" -}}
{{- $v := .Values -}}
serviceAccountName: {{ include "signet.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: {{ $v.enableServiceLinks }}
terminationGracePeriodSeconds: {{ $v.terminationGracePeriodSeconds }}
{{- with concat ($v.global.imagePullSecrets | default list) ($v.imagePullSecrets | default list) | uniq }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- $context := $v.podSecurityContext | default dict }}
  {{- $v.openshift.enabled | ternary (omit $context "runAsUser" "runAsGroup" "fsGroup") $context | toYaml | nindent 2 }}
{{- range $name := list "priorityClassName" "runtimeClassName" "schedulerName" "dnsPolicy" }}
{{- with get $v $name }}
{{ $name }}: {{ . }}
{{- end }}
{{- end }}
{{- if $v.hostNetwork }}
hostNetwork: true
{{- if not $v.dnsPolicy }}
dnsPolicy: ClusterFirstWithHostNet
{{- end }}
{{- end }}
{{- if not (kindIs "invalid" $v.hostUsers) }}
hostUsers: {{ $v.hostUsers }}
{{- end }}
{{- range $name := list "dnsConfig" "hostAliases" }}
{{- with get $v $name }}
{{ $name }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- range $name := list "nodeSelector" "tolerations" }}
{{- with get $v $name }}
{{ $name }}:
  {{- include "signet.filled" (list $ .) | nindent 2 }}
{{- end }}
{{- end }}
{{- with include "signet.affinity" . | trim }}
affinity:
  {{- nindent 2 . }}
{{- end }}
{{- with include "signet.spread" . | trim }}
topologySpreadConstraints:
  {{- nindent 2 . }}
{{- end }}
{{- with $v.extraInitContainers }}
initContainers:
  {{- include "signet.filled" (list $ .) | nindent 2 }}
{{- end }}
containers:
  - {{ include "signet.container" . | indent 4 | trim }}
  {{- with $v.extraContainers }}
  {{- include "signet.filled" (list $ .) | nindent 2 }}
  {{- end }}
volumes:
  {{- include "signet.volumes" . | trim | nindent 2 }}
{{- end }}

{{/* Replicas on different nodes and zones where that is possible; a hard rule could leave none. */}}
{{- define "signet.affinity" -}}
{{- if .Values.affinity }}
{{- include "signet.filled" (list . .Values.affinity) }}
{{- else if .Values.podAntiAffinity.enabled }}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: {{ .Values.podAntiAffinity.weight }}
      podAffinityTerm:
        topologyKey: {{ .Values.podAntiAffinity.topologyKey }}
        labelSelector:
          matchLabels:
            {{- include "signet.selector" . | nindent 12 }}
{{- end }}
{{- end }}

{{- define "signet.spread" -}}
{{- if .Values.topologySpreadConstraints }}
{{- include "signet.filled" (list . .Values.topologySpreadConstraints) }}
{{- else if not (kindIs "invalid" .Values.topologySpreadConstraints) }}
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- include "signet.selector" . | nindent 6 }}
{{- end }}
{{- end }}

{{- define "signet.container" -}}
{{- $v := .Values -}}
name: signet
image: {{ include "signet.image" . }}
imagePullPolicy: {{ $v.image.pullPolicy }}
args:
  - serve
  - --config=/etc/signet/config/config.yaml
  - --kubernetes-identity=$(POD_NAME)
  {{- with $v.extraArgs }}
  {{- include "signet.filled" (list $ .) | nindent 2 }}
  {{- end }}
env:
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  {{- range $name, $value := dict "HTTP_PROXY" $v.registry.proxy.http "HTTPS_PROXY" $v.registry.proxy.https "NO_PROXY" $v.registry.proxy.noProxy }}
  {{- with $value }}
  - name: {{ $name }}
    value: {{ . | quote }}
  {{- end }}
  {{- end }}
  {{- with $v.extraEnv }}
  {{- include "signet.filled" (list $ .) | nindent 2 }}
  {{- end }}
{{- with $v.extraEnvFrom }}
envFrom:
  {{- include "signet.filled" (list $ .) | nindent 2 }}
{{- end }}
ports:
  - {name: https, containerPort: {{ $v.webhook.port }}, protocol: TCP}
  - {name: health, containerPort: {{ $v.webhook.healthPort }}, protocol: TCP}
  {{- if $v.metrics.enabled }}
  - {name: metrics, containerPort: {{ $v.metrics.port }}, protocol: TCP}
  {{- end }}
{{- $live := dict "httpGet" (dict "path" "/livez" "port" "health") }}
{{- $ready := dict "httpGet" (dict "path" "/readyz" "port" "health") }}
startupProbe:
  {{- merge (dict) ($v.startupProbe | default dict) (dict "periodSeconds" 2 "failureThreshold" 30) $live | toYaml | nindent 2 }}
livenessProbe:
  {{- merge (dict) ($v.livenessProbe | default dict) (dict "periodSeconds" 10 "timeoutSeconds" 2 "failureThreshold" 3) $live | toYaml | nindent 2 }}
readinessProbe:
  {{- merge (dict) ($v.readinessProbe | default dict) (dict "periodSeconds" 5 "timeoutSeconds" 2 "failureThreshold" 2) $ready | toYaml | nindent 2 }}
{{- with include "signet.lifecycle" . | trim }}
lifecycle:
  {{- nindent 2 . }}
{{- end }}
resources:
  {{- toYaml $v.resources | nindent 2 }}
securityContext:
  {{- toYaml $v.securityContext | nindent 2 }}
volumeMounts:
  {{- include "signet.mounts" . | trim | nindent 2 }}
{{- end }}

{{- define "signet.lifecycle" -}}
{{- if .Values.lifecycle }}
{{- include "signet.filled" (list . .Values.lifecycle) }}
{{- else if gt (int .Values.shutdown.preStopSleepSeconds) 0 }}
preStop:
  sleep:
    seconds: {{ .Values.shutdown.preStopSleepSeconds }}
{{- end }}
{{- end }}

{{- define "signet.mounts" -}}
{{- $v := .Values -}}
- {name: config, mountPath: /etc/signet/config, readOnly: true}
- {name: kube-api-access, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
{{- if or $v.policies $v.trustRoots }}
- {name: policies, mountPath: /etc/signet/policies, readOnly: true}
{{- end }}
{{- if has $v.tls.mode (list "certManager" "existingSecret") }}
- {name: tls, mountPath: /etc/signet/tls, readOnly: true}
{{- end }}
{{- if $v.tls.clientAuth.enabled }}
- {name: client-ca, mountPath: /etc/signet/client-ca, readOnly: true}
{{- end }}
{{- if $v.registry.ca }}
- {name: registry-ca, mountPath: /etc/signet/registry-ca, readOnly: true}
{{- end }}
{{- with $v.extraVolumeMounts }}
{{ include "signet.filled" (list $ .) }}
{{- end }}
{{- end }}

{{- define "signet.volumes" -}}
{{- $v := .Values -}}
- name: config
  configMap:
    name: {{ include "signet.fullname" . }}
{{ include "signet.apiAccess" . | trim }}
{{- if or $v.policies $v.trustRoots }}
- name: policies
  configMap:
    name: {{ include "signet.fullname" . }}-policies
{{- end }}
{{- if has $v.tls.mode (list "certManager" "existingSecret") }}
- name: tls
  secret:
    secretName: {{ eq $v.tls.mode "certManager" | ternary (include "signet.certificate" .) $v.tls.existingSecret }}
{{- end }}
{{- if $v.tls.clientAuth.enabled }}
- name: client-ca
  {{- include "signet.caVolume" $v.tls.clientAuth | nindent 2 }}
{{- end }}
{{- if $v.registry.ca }}
- name: registry-ca
  projected:
    sources:
      {{- range $at, $ca := $v.registry.ca }}
      - {{ empty $ca.secret | ternary "configMap" "secret" }}:
          name: {{ default $ca.configMap $ca.secret }}
          items: [{key: {{ default "ca.crt" $ca.key }}, path: {{ $at }}.pem}]
      {{- end }}
{{- end }}
{{- with $v.extraVolumes }}
{{ include "signet.filled" (list $ .) }}
{{- end }}
{{- end }}

{{/* What a Pod knows the API server by, and is known by. */}}
{{- define "signet.apiAccess" -}}
- name: kube-api-access
  projected:
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: {{ .Values.serviceAccount.token.expirationSeconds }}
      - configMap:
          name: kube-root-ca.crt
          items: [{key: ca.crt, path: ca.crt}]
      - downwardAPI:
          items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]
{{- end }}

{{- define "signet.caVolume" -}}
{{- if .secret }}
secret:
  secretName: {{ .secret }}
{{- else }}
configMap:
  name: {{ .configMap }}
{{- end }}
{{- end }}
