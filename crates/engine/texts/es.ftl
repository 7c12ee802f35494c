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
email-wrong = Escriba un correo electrónico, como maria@example.com.
email-taken = Esta dirección ya pertenece a una cuenta.
password-short = Use al menos 10 caracteres.
password-long = Use 200 caracteres como máximo.
password-easy = Es demasiado fácil de adivinar. Use unas palabras que solo para usted van juntas.
password-wrong = Esta no es su contraseña.

mail-invitation-subject = { $by } le invita a { $place }
mail-invitation = Hola:

    { $by } le invita a { $place }. Abra este enlace para unirse; sirve durante { $days } días:

    { $link }

    Si no lo esperaba, no haga nada.
mail-reset-subject = Ponga una contraseña nueva
mail-reset = Hola, { $name }:

    abra este enlace para poner una contraseña nueva para { $email }; sirve durante una hora:

    { $link }

    Si no lo pidió, no haga nada: su contraseña sigue siendo la misma.
