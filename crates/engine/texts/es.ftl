# Lo que escribe el propio servidor: correos y las páginas anteriores a la aplicación.
product = Trunkline
sign-in = Iniciar sesión
email = Correo electrónico
password = Contraseña
new-password = Contraseña nueva
password-hint = Al menos 10 caracteres
code = Código
code-hint = Seis cifras de su aplicación de autenticación, si usa una
name = Su nombre
continue = Continuar
forgotten = ¿Olvidó su contraseña?
back-to-sign-in = Volver a iniciar sesión
sign-in-failed = El correo, la contraseña o el código no son correctos.
too-many-guesses = Demasiados intentos fallidos. Inténtelo de nuevo en { $minutes ->
    [one] un minuto
   *[other] { $minutes } minutos
  }.
not-from-here = Este formulario se envió desde otra página. Ábralo aquí de nuevo.

invitation-title = Unirse a { $place }
invitation-platform = la administración de { product }
invitation-lead = Tiene una invitación como { $role }.
invitation-lead-platform = Tiene una invitación para administrar esta instalación.
invitation-have-account = Ya tiene una cuenta con { $email }. Escriba su contraseña para unirse.
invitation-gone-title = Esta invitación ya no sirve
invitation-gone = Se usó, se retiró o caducó. Pida una nueva a quien le invitó.
invitation-other = Esa dirección ya pertenece a una cuenta; use la suya.
role-owner = propietario
role-manager = gestor
role-agent = agente
role-viewer = observador

reset-title = Restablecer la contraseña
reset-lead = Le enviamos un enlace para poner una nueva.
reset-send = Enviar el enlace
reset-sent-title = Mire su correo
reset-sent = Si { $email } pertenece a una cuenta, el enlace va de camino. Sirve durante una hora.
reset-no-mail = Esta instalación no envía correos. Pida un enlace a su administrador.
reset-new-title = Elija una contraseña nueva
reset-gone-title = Este enlace ya no sirve
reset-gone = Se usó o caducó. Pida uno nuevo.
reset-done = Guardar contraseña

name-wrong = Escriba su nombre, 100 caracteres como máximo.
business-wrong = Escriba el nombre de su negocio, 200 caracteres como mucho.
email-wrong = Escriba un correo electrónico, como maria@example.com.
email-taken = Esta dirección ya pertenece a una cuenta.
invitation-account-now = Esta dirección ya tiene una cuenta. Abra el enlace otra vez e introduzca su contraseña.
password-short = Use al menos 10 caracteres.
password-long = Use 200 caracteres como máximo.
password-easy = Es demasiado fácil de adivinar. Use unas palabras que solo para usted van juntas.
password-wrong = Esta no es su contraseña.

mail-invitation-subject = { $by } le invita a { $place }
mail-invitation = Hola:

    { $by } le invita a { $place }. Abra este enlace para unirse; sirve durante { $days } días:

    { $link }

    Si no lo esperaba, no haga nada.
mail-setup-link-subject = Conecte { $for } a WhatsApp
mail-setup-link = Hola:

    con este enlace conecta { $for } a WhatsApp en { $place }. Sirve una vez y durante { $days } días:

    { $link }

    Tenga a mano el teléfono del número: WhatsApp le envía un código.
    Si no lo esperaba, no haga nada.
mail-reset-subject = Ponga una contraseña nueva
mail-reset = Hola, { $name }:

    abra este enlace para poner una contraseña nueva para { $email }; sirve durante una hora:

    { $link }

    Si no lo pidió, no haga nada: su contraseña sigue siendo la misma.

mail-alert =
    { $title }

    { $detail }

    { $action }

    Se muestra en Trunkline, en Alertas, hasta que termine.

alert-token-expiring = El acceso a { $account } termina en { $days ->
        [one] un día
       *[other] { $days } días
    }
alert-token-expiring-detail = WhatsApp dio este acceso por un tiempo limitado. Cuando termine, no se envía nada desde esta cuenta; lo que escriben los clientes sigue llegando.
alert-token-expiring-action = Abra la conexión y elija Conectar de nuevo antes de que termine.
alert-token-dead = WhatsApp ya no acepta el acceso a { $account }
alert-token-dead-detail = Los mensajes a los clientes esperan; lo que ellos escriben sigue llegando y sus archivos se descargan más tarde.
alert-token-dead-action = Abra la conexión y elija Conectar de nuevo. Lo que espera sale entonces por sí solo.
alert-account-banned = WhatsApp desactivó { $account }
alert-account-banned-detail = No se puede enviar nada. Los mensajes esperan hasta que la cuenta vuelva.
alert-account-banned-action = Pida una revisión en WhatsApp Manager, en Calidad de la cuenta.
alert-account-disabling = WhatsApp va a desactivar { $account }
alert-account-disabling-detail = Anunciado para { $ban_date }. { $violation }
alert-account-disabling-action = Pida una revisión en WhatsApp Manager, en Calidad de la cuenta, antes de ese día.
alert-account-restricted = WhatsApp restringió { $account }
alert-account-restricted-detail = { $restrictions } hasta { $ends_at }.
alert-account-restricted-action = Lo que no se permite espera y sale cuando termine la restricción. WhatsApp Manager, en Calidad de la cuenta, dice por qué.
alert-account-violation = WhatsApp dice que { $account } infringió sus reglas
alert-account-violation-detail = La infracción es { $violation }.
alert-account-violation-action = Léala en WhatsApp Manager, en Calidad de la cuenta, y pida una revisión si es un error. Las infracciones repetidas llevan a restricciones.
alert-account-disconnected = { $account } ya no está conectada
alert-account-disconnected-detail = WhatsApp da este motivo: { $reason }. Las conversaciones se quedan; los mensajes a los clientes esperan.
alert-account-disconnected-action = Conecte la cuenta de nuevo para seguir donde terminó.
alert-account-deleted = { $account } se eliminó en Meta
alert-account-deleted-detail = Con ella no se puede enviar ni recibir nada. Las conversaciones se quedan.
alert-account-deleted-action = Conecte otra cuenta de WhatsApp Business.
alert-number-disconnected = El número { $account } está desconectado
alert-number-disconnected-detail = WhatsApp da este motivo: { $reason }. Las conversaciones se quedan; los mensajes a los clientes esperan.
alert-number-disconnected-action = Conéctelo de nuevo; en la aplicación WhatsApp Business está en Ajustes, Cuenta, Plataforma de empresas.
alert-quality-low = La calidad de { $account } es baja
alert-quality-low-detail = Hay personas que bloquean o denuncian sus mensajes.
alert-quality-low-action = Envíe menos y solo lo que pidieron, hasta que la calidad vuelva a subir.
alert-name-rejected = WhatsApp rechazó el nombre { $name } de { $account }
alert-name-rejected-detail = El motivo es { $reason }.
alert-name-rejected-action = Elija otro nombre en WhatsApp Manager, en Números de teléfono.
alert-review-rejected = WhatsApp rechazó { $account } en su revisión
alert-review-rejected-detail = Las plantillas y los mensajes que inician una conversación no salen.
alert-review-rejected-action = Complete los datos de la empresa en Meta Business Suite y pida otra revisión.
alert-pin-changed = El PIN de { $account } se cambió o se pidió
alert-pin-changed-detail = WhatsApp informa { $event }.
alert-pin-changed-action = Si no fue nadie de los suyos, ponga un PIN nuevo en la página de la conexión.
alert-history-refused = Los chats de { $account } no se comparten
alert-history-refused-detail = Al conectar el número, en la aplicación WhatsApp Business no se permitió compartir su historial. Los mensajes nuevos llegan.
alert-history-refused-action = Para compartirlo, desconecte el número en la aplicación y conéctelo de nuevo.
alert-meta-alert = WhatsApp informa { $event } de { $account }
alert-meta-alert-detail = { $description }
alert-meta-alert-action = WhatsApp Manager dice más.
alert-payment-missing = WhatsApp no puede cobrar los mensajes de { $account }
alert-payment-missing-detail = Los mensajes que cuestan esperan.
alert-payment-missing-action = Ponga en orden el método de pago en WhatsApp Manager, en Configuración de pagos. Lo que espera sale entonces por sí solo.
alert-connection-failed = La conexión con WhatsApp le necesita
alert-connection-failed-detail = Hay que hacer algo antes de que { $account } funcione ({ $cause }).
alert-connection-failed-action = Abra la conexión; dice qué hacer.
alert-dead-letters = { $count } mensajes del último día no llegaron
alert-dead-letters-detail = Nadie se ha ocupado de ellos.
alert-dead-letters-action = Mírelos en No llegaron: envíelos de nuevo o descártelos.
alert-events-held = Hay mensajes sobre eventos retenidos
alert-events-held-detail = Algo está mal en un evento, una regla o una plantilla. Retenidos: { $count }.
alert-events-held-action = Mírelos en Notificaciones, en el estado Retenido: cada uno dice qué está mal. Corríjalo e inténtelos otra vez.
alert-queue-age = Hay mensajes en la cola desde hace más de 15 minutos
alert-queue-age-detail = El más antiguo desde { $since }, y nada lo retiene.
alert-queue-age-action = Mire la cola y si desde este servidor se llega a WhatsApp.
alert-webhook-silence = WhatsApp no envía nada a este servidor
alert-webhook-silence-detail = Se aceptaron mensajes a las { $since } y desde entonces no ha llegado ningún webhook.
alert-webhook-silence-action = Compruebe la dirección del webhook y las suscripciones de la aplicación en la consola de Meta.

event-account_update = Cambio de la cuenta
event-account_alerts = Alerta de WhatsApp
event-account_review_update = Revisión de la cuenta
event-business_capability_update = Límites de la cuenta
event-phone_number_quality_update = Calidad del número
event-phone_number_name_update = Nombre del número
event-security = Seguridad del número
event-business_username_update = Nombre de usuario
event-message_template_status_update = Plantilla
event-message_template_quality_update = Calidad de una plantilla
event-message_template_components_update = Se cambió una plantilla
event-template_category_update = Categoría de una plantilla
event-history = Chats del teléfono
event-smb_app_state_sync = Contactos del teléfono
event-calls = Llamada
event-user_preferences = Elección sobre publicidad
event-flows = Flujo
event-partner_solutions = Solución de socios
event-payment_configuration_update = Configuración de pagos
event-account_update-PARTNER_ADDED = La cuenta se compartió con la plataforma
event-account_update-PARTNER_APP_INSTALLED = Se instaló la aplicación de la plataforma
event-account_update-PARTNER_APP_UNINSTALLED = Se quitó la aplicación de la plataforma de la cuenta
event-account_update-PARTNER_REMOVED = La cuenta o el número se desconectó de la plataforma
event-account_update-ACCOUNT_OFFBOARDED = El número dejó la plataforma
event-account_update-ACCOUNT_RECONNECTED = El número volvió
event-account_update-PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE = Novedades de la verificación de la empresa
event-account_update-ACCOUNT_VIOLATION = WhatsApp encontró una infracción de sus reglas
event-account_update-ACCOUNT_RESTRICTION = WhatsApp restringió la cuenta
event-account_update-DISABLED_UPDATE = WhatsApp desactivó la cuenta, lo va a hacer o la devolvió
event-account_update-ACCOUNT_DELETED = La cuenta se eliminó
event-account_update-AUTH_INTL_PRICE_ELIGIBILITY_UPDATE = Se aplicarán precios internacionales a los mensajes de autenticación
event-account_update-BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE = Cambió el país de la empresa
event-account_update-VOLUME_BASED_PRICING_TIER_UPDATE = Se alcanzó el siguiente tramo de volumen
event-account_update-MM_LITE_TERMS_SIGNED = Se aceptaron las condiciones de los mensajes de marketing
event-account_update-AD_ACCOUNT_LINKED = Se vinculó una cuenta publicitaria
event-account_update-VERIFIED_ACCOUNT = La cuenta se verificó
event-account_review_update-APPROVED = WhatsApp aprobó la cuenta
event-account_review_update-REJECTED = WhatsApp rechazó la cuenta
event-phone_number_name_update-APPROVED = WhatsApp aprobó el nombre del número
event-phone_number_name_update-REJECTED = WhatsApp rechazó el nombre del número
event-phone_number_quality_update-FLAGGED = WhatsApp marcó el número por baja calidad
event-phone_number_quality_update-UNFLAGGED = El número ya no está marcado
event-phone_number_quality_update-THROUGHPUT_UPGRADE = El número puede enviar más rápido
event-phone_number_quality_update-ONBOARDING = El número se registró
event-security-PIN_CHANGED = Se cambió el PIN del número
event-security-PIN_RESET_REQUEST = Alguien pidió restablecer el PIN del número
event-security-PIN_REQUEST_SUCCESS = Se restableció el PIN del número
check-public-url-ok = Las personas y Meta llegan a esta instalación en { $url }.
check-public-url-simulator = Se llega a esta instalación en { $url }; basta para el simulador, Meta solo envía a direcciones https.
check-public-url-wrong = { $url } no empieza por https://. Meta solo envía webhooks a direcciones https con un certificado público.
check-public-url-unknown = No se sabe dónde se llega a esta instalación desde fuera: server.public_url no está puesto.
check-public-url-mend = Ponga delante un proxy con certificado, ponga su dirección https en server.public_url (TRUNKLINE_SERVER__PUBLIC_URL) y reinicie.
check-app-ok = Meta conoce la aplicación { $name } ({ $id }) y la clave secreta es la suya.
check-app-no-id = Falta el identificador de la aplicación: no se puede mirar la aplicación, y ningún negocio puede conectarse por la ventana de registro.
check-app-no-secret = Falta la clave secreta de la aplicación. Mientras falte, los webhooks se contestan con 503 y Meta los guarda.
check-app-refused = Meta no acepta este identificador y esta clave: { $why }
check-app-mend = En el panel de la aplicación, Configuración → Básica muestra el identificador y la clave secreta. Copie ambos aquí.
check-clock-ok = El reloj de esta máquina coincide con el de Meta, con { $seconds } s de diferencia.
check-clock-ahead = El reloj de esta máquina va { $seconds } s por delante del de Meta.
check-clock-behind = El reloj de esta máquina va { $seconds } s por detrás del de Meta.
check-clock-mend = Deje que la máquina tome la hora de la red (NTP); en Linux, `timedatectl set-ntp true`.
check-version-ok = Meta contesta con la versión { $real }.
check-version-other = Se pide la versión { $wanted }, pero Meta contesta con { $real }: la pedida ha terminado o aún no existe.
check-version-mend = Elija aquí { $real }, y mire antes qué cambia.
check-verify-token-missing = Aún no hay token de verificación.
check-verify-token-mend = Pulse «Suscribir»: crea uno y se lo dice a Meta. O escriba un texto que nadie adivine.
check-webhook-verified = { $url } contestó a un reto nuevo, y fue esta instalación quien contestó.
check-webhook-other-token = { $url } no conoce nuestro token de verificación.
check-webhook-not-ours = { $url } contestó { $status }, pero no devolvió el reto.
check-webhook-another = { $url } devuelve retos, pero lo hace otra instalación, o una con otra secrets.key.
check-webhook-other-mend = Mire adónde lleva esta dirección (DNS, proxy, balanceador): debe ser esta instalación, y todos sus procesos deben compartir base de datos y secrets.key.
check-webhook-unreached = No se llega a { $url }: { $why }
check-webhook-late = { $url } no contestó en { $seconds } s.
check-webhook-reach-mend = Mire DNS, certificado y proxy: { $url } debe llevar aquí desde la red abierta. Abierta en un navegador debe contestar 403.
check-needs-verification = No se probó, porque la verificación no salió bien.
check-delivery-ok = Un envío firmado a { $url } llegó al registro de entrada.
check-delivery-elsewhere = { $url } aceptó un envío firmado, pero no llegó al registro de entrada de aquí.
check-delivery-signature = { $url } rechazó la firma de nuestra propia clave secreta.
check-delivery-signature-mend = Algo cambia el cuerpo por el camino, o allí hay un proceso con otra clave. Los proxies deben pasar los cuerpos tal cual.
check-delivery-refused = { $url } contestó { $status } a un envío firmado.
check-log-unreadable = El registro de entrada no se puede leer; mire el registro del servidor.
check-needs-app = Sin mirar: primero hacen falta el identificador y la clave secreta de la aplicación.
check-subscription-ok = La aplicación envía los { $count } campos que aquí se tratan a { $url }.
check-subscription-none = La aplicación no está suscrita a los webhooks de WhatsApp.
check-subscription-elsewhere = Los webhooks de la aplicación van a { $there }, no a { $ours }.
check-subscription-inactive = La suscripción de la aplicación no está activa.
check-subscription-fields = La aplicación no está suscrita a: { $fields }.
check-subscription-refused = Meta no dice la suscripción de la aplicación: { $why }
check-subscription-mend = Pulse aquí «Suscribir». A mano: en el panel de la aplicación, WhatsApp → Configuración → Webhook, escriba la dirección y el token de verificación y suscríbase a los campos.
check-token-ok = El token del usuario del sistema sirve, tiene todos los permisos y no caduca.
check-token-ends = El token del usuario del sistema sirve, tiene todos los permisos y caduca en { $days ->
    [one] { $days } día
   *[other] { $days } días
    }.
check-token-ends-soon = El token del usuario del sistema sirve, pero caduca en { $days ->
    [one] { $days } día
   *[other] { $days } días
    }.
check-token-missing = Falta el token del usuario del sistema.
check-token-unneeded = No hay token de usuario del sistema; solo hace falta para repartir números de una cuenta propia o como socio de soluciones.
check-token-invalid = Meta ya no acepta el token del usuario del sistema: ha caducado o se revocó.
check-token-other-app = El token se hizo para la aplicación { $of }, no para { $ours }.
check-token-scopes = Al token le falta: { $scopes }.
check-token-refused = Meta no dice qué puede hacer el token: { $why }
check-token-mend = En la configuración del negocio, Usuarios → Usuarios del sistema: elija uno (administrador), Generar token, esta aplicación, sin caducidad, con whatsapp_business_messaging, whatsapp_business_management y, con línea de crédito, business_management.
check-needs-token = Sin mirar: primero hace falta el token del usuario del sistema.
check-waba-none = No hay cuenta propia de la plataforma: cada negocio conecta la suya.
check-waba-ok = El token llega a la cuenta { $waba }; tiene { $count } números.
check-waba-refused = Meta no da la cuenta: { $why }
check-waba-out-of-reach = El token tiene { $scopes }, pero no para la cuenta { $waba }.
check-waba-mend = En la configuración del negocio, Cuentas → Cuentas de WhatsApp: elija la cuenta, asígnele el usuario del sistema con control total y genere un token nuevo.
check-waba-subscribed = La cuenta { $waba } envía sus webhooks a esta aplicación.
check-waba-unsubscribed = La cuenta { $waba } no envía sus webhooks a esta aplicación.
check-waba-override = Los mensajes de la cuenta { $waba } van a { $url } en vez de a la dirección de la aplicación.
check-login-ok = La configuración de inicio de sesión { $id } está puesta; solo la ventana de registro de Meta dice si es la buena.
check-login-missing = Falta la configuración de inicio de sesión: ningún negocio puede conectarse por la ventana de registro.
check-login-mend = En el panel de la aplicación, Inicio de sesión con Facebook para empresas → Configuraciones: cree una con la plantilla «WhatsApp Embedded Signup» y copie aquí su identificador.
check-credit-none = No hay línea de crédito: los negocios pagan a Meta ellos mismos.
check-credit-ok = La línea de crédito { $id } de { $owner } está ahí.
check-credit-other = El portafolio no tiene la línea de crédito { $id }; tiene: { $there }.
check-credit-refused = Meta no dice las líneas de crédito del portafolio: { $why }
check-credit-mend = En la configuración del negocio, Facturación y pagos → Líneas de crédito muestra el identificador. Solo la tienen los socios de soluciones; sin ella, deje el campo vacío.
check-credit-no-business = Hay una línea de crédito, pero falta el portafolio al que pertenece.
check-credit-no-business-mend = En la configuración del negocio, Información del negocio muestra el identificador del portafolio. Cópielo aquí.
check-meta-silent = Meta no contestó: { $why }
check-meta-late = Meta no contestó en { $seconds } s.
check-meta-silent-mend = Mire si esta máquina llega a graph.facebook.com, y metastatus.com/whatsapp-business-api; luego pruebe otra vez.

alert-template-paused = WhatsApp ha pausado la plantilla { $template } ({ $language })
alert-template-paused-detail = Hubo quejas de mensajes con ella. { $count } mensajes esperan. { $ends ->
    [never] Sigue en pausa hasta que alguien la reactive.
   *[other] La pausa acaba el { $paused_until }.
 }
alert-template-paused-action = Envíe menos y solo lo que pidieron, y mejore el texto. A la tercera pausa WhatsApp desactiva la plantilla para siempre.
alert-template-disabled = WhatsApp ha desactivado la plantilla { $template } ({ $language })
alert-template-disabled-detail = Ya no se puede enviar. { $count } mensajes la esperan.
alert-template-disabled-action = Escriba una plantilla nueva con otro texto y cancele lo que espera.
alert-template-rejected = WhatsApp ha rechazado el texto nuevo de la plantilla { $template } ({ $language })
alert-template-rejected-detail = No se puede enviar. { $count } mensajes la esperan.
alert-template-rejected-action = Corrija el texto en la página de la plantilla; lo que espera sale cuando se apruebe.
alert-template-became-marketing = WhatsApp ha pasado { $template } ({ $language }) a marketing
alert-template-became-marketing-detail = { $count } mensajes esperan. Como marketing cuestan la tarifa de marketing de cada país, varias veces la de utilidad en la mayoría, también dentro de una conversación abierta, y no llegan a quien se dio de baja del marketing.
alert-template-became-marketing-action = Decida en la página de la plantilla si lo que espera se envía o se cancela. Puede pedir a WhatsApp una revisión en 60 días, en el Administrador de WhatsApp.
alert-template-category = WhatsApp va a cambiar la categoría de { $template } ({ $language })
alert-template-category-detail = Es { $category } y pasa a { $new_category } el { $at }. Los mensajes de marketing cuestan varias veces más que los de utilidad en la mayoría de los países, y no llegan a quien se dio de baja.
alert-template-category-action = Quite lo que parezca una oferta, prepare una copia de la plantilla como sustituta, o pida una revisión en el Administrador de WhatsApp.
