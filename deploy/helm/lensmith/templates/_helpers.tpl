{{- define "lensmith.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "lensmith.labels" -}}
app.kubernetes.io/name: lensmith
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "lensmith.selector" -}}
app.kubernetes.io/name: lensmith
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "lensmith.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end }}

{{- define "lensmith.cluster" -}}
{{- if .Values.ray.cluster.enabled -}}
ray://{{ include "lensmith.name" . }}-ray-head-svc:10001
{{- else -}}
{{ .Values.ray.address }}
{{- end -}}
{{- end }}

{{- /* The settings that all servers, and nodes of Ray, have in common. */}}
{{- define "lensmith.settings" -}}
- name: LENSMITH_RECORDS_URL
  value: postgresql+psycopg:///?service={{ .Values.records.service }}
- name: PGSERVICEFILE
  value: /run/secrets/lensmith/records
- name: LENSMITH_ROOT_KEY_FILE
  value: /run/secrets/lensmith/root-key
- name: LENSMITH_S3_ENDPOINT_URL
  value: {{ required "s3.endpoint must name the S3, as https://s3.example" .Values.s3.endpoint | quote }}
- name: LENSMITH_SYSTEM_BUCKET
  value: {{ .Values.s3.systemBucket | quote }}
- name: AWS_SHARED_CREDENTIALS_FILE
  value: /run/secrets/lensmith/s3-credentials
- name: AWS_EC2_METADATA_DISABLED
  value: "true"
- name: LENSMITH_REGION
  value: {{ .Values.region | quote }}
- name: LENSMITH_ACCOUNT_ID
  value: {{ .Values.accountId | quote }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $name, $value := .Values.secretSettings }}
- name: {{ $name }}_FILE
  value: /run/secrets/lensmith/{{ $name }}
{{- end }}
{{- end }}

{{- /* Files of Secrets, which only the server's group can read, by fsGroup. Given: root, withToken. */}}
{{- define "lensmith.secrets" -}}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ required "records.secret must name a Secret with a libpq service file" .root.Values.records.secret }}
          items: [{key: {{ .root.Values.records.key | quote }}, path: records}]
      - secret:
          name: {{ required "rootKey.secret must name a Secret with the root key" .root.Values.rootKey.secret }}
          items: [{key: {{ .root.Values.rootKey.key | quote }}, path: root-key}]
      - secret:
          name: {{ required "s3.secret must name a Secret with an AWS credentials file" .root.Values.s3.secret }}
          items: [{key: {{ .root.Values.s3.key | quote }}, path: s3-credentials}]
      {{- if .withToken }}
      - secret:
          name: {{ required "ray.tokenSecret must name a Secret with the key auth_token" .root.Values.ray.tokenSecret }}
          items: [{key: auth_token, path: ray-token}]
      {{- end }}
      {{- range $name, $value := .root.Values.secretSettings }}
      - secret:
          name: {{ $value.secret }}
          items: [{key: {{ $value.key | quote }}, path: {{ $name }}}]
      {{- end }}
{{- end }}

{{- define "lensmith.podSecurity" -}}
runAsNonRoot: true
runAsUser: 7400
runAsGroup: 7400
fsGroup: 7400
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "lensmith.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* The pod of one part. Given: root, part (its name), role, persistent. */}}
{{- define "lensmith.pod" -}}
{{- $part := index .root.Values .part -}}
{{- /* Who leads starts trainings and units on Ray; no other part speaks to it. */}}
{{- $cluster := ternary (include "lensmith.cluster" .root) "" (eq .part "controller") -}}
metadata:
  labels:
    {{- include "lensmith.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .part }}
  {{- with $part.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 60
  securityContext: {{- include "lensmith.podSecurity" .root | nindent 4 }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $part.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $part.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $part.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "lensmith.selector" .root | nindent 10 }}
          app.kubernetes.io/component: {{ .part }}
  containers:
    - name: lensmith
      image: {{ include "lensmith.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      command: [lensmith, serve]
      securityContext: {{- include "lensmith.containerSecurity" .root | nindent 8 }}
      env:
        - name: LENSMITH_HOME
          value: /data
        - name: LENSMITH_ROLE
          value: {{ .role }}
        {{- if eq .part "api" }}
        - name: LENSMITH_HOST
          value: 0.0.0.0
        - name: LENSMITH_ALLOWED_HOSTS
          value: {{ join "," (concat (list (printf "%s-api" (include "lensmith.name" .root)) (printf "%s-api.%s" (include "lensmith.name" .root) .root.Release.Namespace)) (ternary (list .root.Values.ingress.host) (list) .root.Values.ingress.enabled) .root.Values.allowedHosts) }}
        - name: LENSMITH_TRUSTED_PROXIES
          value: {{ join "," .root.Values.trustedProxies | quote }}
        {{- end }}
        {{- if eq .part "units" }}
        - name: LENSMITH_UNITS_HOST
          valueFrom: {fieldRef: {fieldPath: status.podIP}}
        - name: LENSMITH_UNITS_MEMORY_BYTES
          value: {{ $part.memoryBytes | int64 | quote }}
        {{- end }}
        {{- with $cluster }}
        - name: LENSMITH_CLUSTER
          value: {{ . | quote }}
        - name: LENSMITH_CLUSTER_TOKEN_FILE
          value: /run/secrets/lensmith/ray-token
        {{- end }}
        {{- include "lensmith.settings" .root | nindent 8 }}
      {{- if eq .part "api" }}
      ports:
        - {name: api, containerPort: 7400}
      {{- /* Host names are checked, and a probe would name the pod's address. */}}
      startupProbe:
        httpGet: {path: /_lensmith/health, port: api, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 2
        failureThreshold: 90
      readinessProbe:
        httpGet: {path: /_lensmith/health, port: api, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 3
        timeoutSeconds: 3
        failureThreshold: 2
      livenessProbe:
        httpGet: {path: /_lensmith/health, port: api, httpHeaders: [{name: Host, value: localhost}]}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      {{- /* Until no balancer sends calls here. */}}
      lifecycle:
        preStop: {exec: {command: [sleep, "8"]}}
      {{- else }}
      {{- /* A server has its data directory as long as it lives; one that dies ends its pod. */}}
      startupProbe:
        exec: {command: [sh, -c, "! flock --nonblock --shared /data/lock true"]}
        periodSeconds: 2
        failureThreshold: 90
      {{- end }}
      {{- with $part.resources }}
      resources: {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: secrets, mountPath: /run/secrets/lensmith, readOnly: true}
        - {name: tmp, mountPath: /tmp}
        - {name: home, mountPath: /home/lensmith}
        {{- if $part.memoryDisk }}
        - {name: memory, mountPath: /dev/shm}
        {{- end }}
  volumes:
    {{- include "lensmith.secrets" (dict "root" .root "withToken" $cluster) | nindent 4 }}
    {{- if not .persistent }}
    - name: data
      emptyDir: {sizeLimit: {{ $part.disk }}}
    {{- end }}
    - name: tmp
      emptyDir: {sizeLimit: 1Gi}
    - name: home
      emptyDir: {sizeLimit: 100Mi}
    {{- if $part.memoryDisk }}
    - name: memory
      emptyDir: {medium: Memory, sizeLimit: {{ $part.memoryDisk }}}
    {{- end }}
{{- end }}
